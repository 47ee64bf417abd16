/** The edge of `pryx dev`: a child process that runs the real Worker, with keys and a set-up code of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import { readJson } from '../../../shared/read-json.ts';
import { freePort } from './free-port.ts';
import { supervise } from './supervise.ts';

export interface LocalEdge {
  origin: string;
  stop(): Promise<void>;
}

const usualPort = 8787;
const ready = z.object({ url: z.string() });

/** Resolves when the edge answers. A dead one is started again on the same port, with what it had stored. */
export async function startLocalEdge(pryx: string, home: string, tell: (line: string) => void): Promise<LocalEdge> {
  const port = await choosePort(join(home, 'edge'));
  const started = Promise.withResolvers<string>();

  function start(): ChildProcess {
    const child = spawn(process.execPath, [pryx, 'edge', 'dev', '--json', '--home', home, '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      // A Ctrl-C in the terminal is for us: we stop our children in order.
      detached: true,
    });
    createInterface({ input: child.stdout ?? Readable.from([]) }).on('line', (line) => {
      const parsed = ready.safeParse(readJson(line));
      if (parsed.success) started.resolve(parsed.data.url);
    });
    return child;
  }

  const edge = supervise(start, (code, signal, waitMs) => {
    started.reject(new PryxError('unavailable', `The local edge ended (${signal ?? code}) before it was ready.`));
    tell(`The local edge ended (${signal ?? code}); it starts again in ${waitMs} ms.`);
  });
  try {
    return { origin: new URL(await started.promise).origin, stop: edge.stop };
  } catch (error) {
    await edge.stop();
    throw error;
  }
}

/** The one of before where that is free: another one would be another edge to the device, and be paired with anew. */
async function choosePort(folder: string): Promise<number> {
  const path = join(folder, 'port');
  const before = existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) : usualPort;
  const port = await freePort(before > 0 && before < 65_536 ? before : usualPort);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${port}\n`);
  return port;
}
