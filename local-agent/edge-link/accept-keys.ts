/** Whether a statement about the edge's signing keys counts: only keys that are pinned here introduce others (docs/decisions/052). */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { parseKeyStatement } from '../../shared/wire/key-statement.ts';
import type { SigningJwk } from '../../shared/wire/signature.ts';
import type { EdgeTrust } from './verify-job.ts';

export type KeysVerdict =
  /** From now on these sign, and no others: to be pinned durably before `trust` is used. */
  | { ok: true; n: number; keys: SigningJwk[]; trust: EdgeTrust }
  /** `known`: it is not newer than the last one that was accepted, as is most of what an edge says at each greeting. The others are worth an alarm. */
  | { ok: false; code: 'known' | 'malformed' | 'unknown_key' | 'bad_signature' };

/** Never throws, whatever it is given. `last`: number of the last statement that was accepted, 0 for none. */
export function judgeKeys(text: string, trust: EdgeTrust, last: number): KeysVerdict {
  const parsed = parseKeyStatement(text);
  if (parsed === undefined) return { ok: false, code: 'malformed' };
  const { jws, statement } = parsed;
  // Nothing can come of it, so it does not matter who says it; and who said it may be pinned no more.
  if (statement.n <= last) return { ok: false, code: 'known' };
  const signer = trust.pinned.get(jws.kid);
  if (signer === undefined) return { ok: false, code: 'unknown_key' };
  if (!verify(null, Buffer.from(jws.signingInput), signer, jws.signature)) return { ok: false, code: 'bad_signature' };
  const { n, keys } = statement;
  return { ok: true, n, keys, trust: { ...trust, pinned: new Map(keys.map((jwk) => [kidOf(jwk), importKey(jwk)])) } };
}

const importKey = (jwk: SigningJwk) => createPublicKey({ key: { ...jwk }, format: 'jwk' });

/** RFC 7638, section 3, at once: what follows on the link must find the new keys in force. */
const kidOf = ({ crv, kty, x }: SigningJwk): string =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
