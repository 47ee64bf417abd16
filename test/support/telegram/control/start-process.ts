/** Starts the stand-in as a process of its own, so that it outlives whatever a test kills. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RemoteTelegramServer, TelegramServerOptions } from '../types.ts';
import { connectTelegramServer } from './connect.ts';

/** Clock and randomness are the process's own. `close` ends the process; it also ends by itself when this one does. */
export async function startTelegramProcess(
  options: Omit<TelegramServerOptions, 'clock' | 'random' | 'control'> = {},
): Promise<RemoteTelegramServer & { pid: number }> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--options', JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const first = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line') as Promise<[string]>;
  const line = await Promise.race([
    first,
    exited.then(([code]) => Promise.reject(new Error(`The stand-in of Telegram ended with code ${code}.`))),
  ]);
  const { origin } = JSON.parse(line[0]) as { origin: string };
  const remote = await connectTelegramServer(origin);
  const close = async (): Promise<void> => {
    await remote.close();
    child.kill('SIGTERM');
    await exited;
  };
  return new Proxy(remote as RemoteTelegramServer & { pid: number }, {
    get(target, name) {
      if (name === 'close' || name === Symbol.asyncDispose) return close;
      return name === 'pid' ? child.pid : Reflect.get(target, name);
    },
  });
}
