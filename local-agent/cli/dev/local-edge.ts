/** The edge of `pryx dev`: a child process that runs the real Worker, with keys of its own and a token for the daemon beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import { generateEdgeKeys } from '../edge/generate-keys.ts';
import { freePort } from './free-port.ts';
import { supervise } from './supervise.ts';

export interface LocalEdge {
  origin: string;
  /** What lets the daemon enrol: known to the two of them, and new at each start. */
  developmentToken: string;
  stop(): Promise<void>;
}

const usualPort = 8787;
const ready = z.object({ url: z.string() });

/** Resolves when the edge answers. A dead one is started again on the same port, with what it had stored. */
export async function startLocalEdge(pryx: string, home: string, tell: (line: string) => void): Promise<LocalEdge> {
  const keys = await loadKeys(join(home, 'edge'));
  const developmentToken = randomBytes(32).toString('base64url');
  const port = await freePort(usualPort);
  const env = { ...process.env, PRYX_EDGE_KEYS: keys, PRYX_DEVELOPMENT_TOKEN: developmentToken };
  const started = Promise.withResolvers<string>();

  function start(): ChildProcess {
    const child = spawn(process.execPath, [pryx, 'edge', 'dev', '--json', '--home', home, '--port', String(port)], {
      env,
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
    return { origin: new URL(await started.promise).origin, developmentToken, stop: edge.stop };
  } catch (error) {
    await edge.stop();
    throw error;
  }
}

/** Made at the first start and kept: jobs that wait in the mailbox were signed with them. */
async function loadKeys(folder: string): Promise<string> {
  const path = join(folder, 'keys.json');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, JSON.stringify(await generateEdgeKeys()), { mode: 0o600 });
  }
  return readFileSync(path, 'utf8');
}

function readJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
