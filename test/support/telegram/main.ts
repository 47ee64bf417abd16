/** `node main.ts [--port N] [--options '<json>']`: the stand-in as a process. Prints `{"origin", "token", "pid"}` on one line, ends on SIGTERM, SIGINT, or when its parent does. */
import { parseArgs } from 'node:util';
import { createTelegramServer } from './server.ts';
import type { TelegramServerOptions } from './types.ts';

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string' }, options: { type: 'string' } } });
  const options = JSON.parse(values.options ?? '{}') as TelegramServerOptions;
  const port = values.port === undefined ? {} : { port: Number(values.port) };
  const server = await createTelegramServer({ ...options, ...port, control: true });
  const end = (): void => {
    void server.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('disconnect', end);
  process.stdout.write(`${JSON.stringify({ origin: server.origin, token: server.token, pid: process.pid })}\n`);
}
