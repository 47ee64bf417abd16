/** An edge in a process of its own, for tests that kill it: options as JSON in the argument, what it says as JSON lines. */
import { type RunEdgeOptions, runEdge } from '../../../local-agent/cli/edge/run.ts';
import { stopSignal } from '../../../local-agent/cli/stop-signal.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as RunEdgeOptions;
process.exitCode = await runEdge({
  ...options,
  stopping: stopSignal(),
  onReady: (edge) => process.stdout.write(`${JSON.stringify(edge)}\n`),
});
