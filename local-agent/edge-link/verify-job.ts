/**
 * One job frame, as far as it can be judged without the database: signature, issuer, audience, expiry, then the seal.
 *
 * What is parsed and refused is the same as in shared/wire, which does the rest by WebCrypto. Here it is synchronous `node:crypto`: three times
 * faster in Node, and nothing can get in between (docs/performance.md).
 */
import {
  type KeyObject,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  verify,
} from 'node:crypto';
import type { RefusalCode } from '../../shared/wire/frame.ts';
import { type JobClaims, type JobVerdict, checkClaims, jobType } from '../../shared/wire/job.ts';
import { type PrivateSealingJwk, type SealingJwk, checkSealingJwk, parseSeal } from '../../shared/wire/seal.ts';
import { type SigningJwk, checkSigningJwk, parseJws, thumbprint } from '../../shared/wire/signature.ts';

export interface EdgeTrust {
  /** Origin of the paired edge: the only issuer that counts. */
  origin: string;
  deviceId: string;
  /** The pinned signing keys by `kid`. */
  pinned: ReadonlyMap<string, KeyObject>;
  /** The key that a body is sealed with, from the sender's ephemeral key and our own. */
  contentKey(epk: SealingJwk): Buffer;
}

/** Keys are checked again whenever they are loaded: small-order and non-canonical ones throw `bad_key`. */
export async function loadTrust(from: {
  origin: string;
  deviceId: string;
  pinnedKeys: readonly SigningJwk[];
  sealing: PrivateSealingJwk;
}): Promise<EdgeTrust> {
  const pinned = new Map<string, KeyObject>();
  for (const jwk of from.pinnedKeys.map(checkSigningJwk)) {
    pinned.set(await thumbprint(jwk), createPublicKey({ key: { ...jwk }, format: 'jwk' }));
  }
  checkSealingJwk(from.sealing);
  return {
    origin: from.origin,
    deviceId: from.deviceId,
    pinned,
    contentKey: createAgreement(createPrivateKey({ key: { ...from.sealing }, format: 'jwk' })),
  };
}

export type OpenedJob =
  | { seq: number; ok: true; claims: JobClaims; body: Uint8Array }
  | { seq: number; ok: false; code: RefusalCode };

/** Never throws: whatever is wrong with a job is a code to refuse it with. `now` in milliseconds since the epoch. */
export function openJob(frame: { seq: number; jws: string }, trust: EdgeTrust, now: number): OpenedJob {
  const verdict = judge(frame, trust, now);
  if (!verdict.ok) return { seq: frame.seq, ok: false, code: verdict.code };
  try {
    return { seq: frame.seq, ok: true, claims: verdict.claims, body: unseal(verdict.claims.body, trust) };
  } catch {
    return { seq: frame.seq, ok: false, code: 'unopenable' };
  }
}

function judge(frame: { seq: number; jws: string }, trust: EdgeTrust, now: number): JobVerdict {
  const jws = parseJws(frame.jws, jobType);
  if (jws === undefined) return { ok: false, code: 'malformed' };
  const key = trust.pinned.get(jws.kid);
  if (key === undefined) return { ok: false, code: 'unknown_key' };
  if (!verify(null, Buffer.from(jws.signingInput), key, jws.signature)) return { ok: false, code: 'bad_signature' };
  return checkClaims(jws.payload, frame.seq, { issuer: trust.origin, audience: trust.deviceId, now });
}

/** ECDH-ES with X25519 and A256GCM (RFC 7518, sections 4.6 and 5.3). Throws when any part does not fit. */
function unseal(sealed: string, trust: EdgeTrust): Uint8Array {
  const { epk, header, iv, ciphertext, tag } = parseSeal(sealed);
  const decipher = createDecipheriv('aes-256-gcm', trust.contentKey(epk), iv, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(header));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** The edge uses one ephemeral key for what arrives within seconds (docs/decisions/005), so the last agreement is kept. */
function createAgreement(privateKey: KeyObject): EdgeTrust['contentKey'] {
  let last: { x: string; key: Buffer } | undefined;
  return (epk) => {
    if (last?.x !== epk.x) {
      const publicKey = createPublicKey({ key: { ...epk }, format: 'jwk' });
      last = { x: epk.x, key: deriveKey(diffieHellman({ privateKey, publicKey })) };
    }
    return last.key;
  };
}

/** Concat KDF (NIST SP 800-56A) as RFC 7518, section 4.6.2 sets it up: one round of SHA-256, `enc` as algorithm, no party info. */
function deriveKey(sharedSecret: Buffer): Buffer {
  return createHash('sha256')
    .update(uint32(1))
    .update(sharedSecret)
    .update(uint32('A256GCM'.length))
    .update('A256GCM')
    .update(uint32(0))
    .update(uint32(0))
    .update(uint32(256))
    .digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
