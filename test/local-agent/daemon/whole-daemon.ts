/** The daemon as it is, settings from the environment; says on standard output that it is ready. */
import { readSettings } from '../../../local-agent/core/settings.ts';
import { runDaemon } from '../../../local-agent/main.ts';

process.exitCode = await runDaemon({
  settings: readSettings(process.env),
  onReady: (ready) => void process.stdout.write(`${JSON.stringify(ready)}\n`),
});
