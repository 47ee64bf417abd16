/** What an edge on this machine is given: from the environment, or made at the first start and kept in `<home>/edge`, for its user alone. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EdgeKeys } from '../../../shared/api/edge.ts';
import { PryxError } from '../../../shared/error.ts';
import { makeCode, readCode, setupCodeLength } from '../../../shared/pairing/user-code.ts';
import { generateEdgeKeys } from './generate-keys.ts';
import { parseEdgeKeys } from './rotate-keys.ts';

type Environment = Record<string, string | undefined>;

/** Throws `config_invalid`, naming where the keys came from. */
export async function readEdgeKeys(folder: string, env: Environment): Promise<EdgeKeys> {
  const path = join(folder, 'keys.json');
  const set = env['PRYX_EDGE_KEYS'];
  if (set) return parseEdgeKeys(set, 'PRYX_EDGE_KEYS');
  return parseEdgeKeys(await readOrMake(path, async () => JSON.stringify(await generateEdgeKeys())), path);
}

/** Throws `config_invalid`, naming where the code came from. */
export async function readSetupCode(folder: string, env: Environment): Promise<string> {
  const path = join(folder, 'setup-code');
  const set = env['PRYX_SETUP_CODE'];
  const text = set || (await readOrMake(path, async () => makeCode({ bytes: randomBytes }, setupCodeLength, 5))).trim();
  if (readCode(text, setupCodeLength) !== undefined) return text;
  throw new PryxError('config_invalid', `${set ? 'PRYX_SETUP_CODE' : path} is not a set-up code.`, {
    hint: 'Make one with `pryx edge setup-code`.',
  });
}

/** Two that start at the same moment read the same: the first one's file stands. */
async function readOrMake(path: string, make: () => Promise<string>): Promise<string> {
  if (!existsSync(path)) {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, `${await make()}\n`, { mode: 0o600 });
    try {
      linkSync(unfinished, path);
    } catch {
      // It is there by now; when it is not, reading it says why.
    }
    rmSync(unfinished, { force: true });
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8');
}
