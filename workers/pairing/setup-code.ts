/** The set-up code that a new edge is claimed with: a secret of the Worker, so only who deployed it knows it. */
import { base64url } from 'jose';
import { PryxError } from '../../shared/error.ts';
import { readCode, setupCodeLength } from '../../shared/pairing/user-code.ts';
import type { Env } from '../environment.ts';
import { digestText } from '../guard/equal-bytes.ts';

/** SHA-256 of a set-up code, however it was typed; `undefined` when it can be none. */
export async function digestSetupCode(typed: string): Promise<string | undefined> {
  const code = readCode(typed, setupCodeLength);
  return code === undefined ? undefined : base64url.encode(await digestText(code));
}

/** The digest of the one that is set. Throws `unavailable` when none is, or one that could be guessed; never says what it is. */
export async function readSetupCode({ PRYX_SETUP_CODE: set }: Pick<Env, 'PRYX_SETUP_CODE'>): Promise<string> {
  if (set === undefined || set === '') throw unclaimable('is not set');
  const digest = await digestSetupCode(set);
  if (digest === undefined) throw unclaimable('is not one: it has twenty letters, in four groups of five');
  return digest;
}

function unclaimable(what: string): PryxError {
  return new PryxError('unavailable', `Nobody can claim this edge: the set-up code PRYX_SETUP_CODE ${what}.`, {
    hint: 'Make one with `pryx edge setup-code` and store it with `wrangler secret put PRYX_SETUP_CODE` (docs/deploy.md).',
  });
}
