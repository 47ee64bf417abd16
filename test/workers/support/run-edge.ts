/** An edge in a process of its own, for tests that kill it: options as JSON in the argument, what it says as JSON lines. */
import { type EdgeDevelopmentOptions, runEdgeDevelopment } from '../../../local-agent/cli/commands/edge.ts';
import { stopSignal } from '../../../local-agent/cli/stop-signal.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as EdgeDevelopmentOptions;
process.exitCode = await runEdgeDevelopment({
  ...options,
  stopping: stopSignal(),
  onReady: (edge) => process.stdout.write(`${JSON.stringify(edge)}\n`),
});
