/** Ed25519 keys and compact JWS (RFC 7515, RFC 8037, RFC 9864) for jobs, statements and proofs. */
import { base64url, calculateJwkThumbprint, compactVerify, exportJWK, generateKeyPair, importJWK } from 'jose';
import * as z from 'zod';
import { PryxError } from '../error.ts';
import { readHeader, splitCompact } from './compact.ts';
import { subtle } from './subtle.ts';
import { decodeKeyBytes, fieldPrime, littleEndian } from './key-bytes.ts';

/** Public Ed25519 key as a JWK (RFC 8037). Nothing else may ride along: a stray `alg` or `key_ops` is dropped by `checkSigningJwk`. */
export const signingJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().length(43),
});
/** The same among further members, which are left out. */
const anySigningJwk = z.object(signingJwk.shape);
export type SigningJwk = z.infer<typeof signingJwk>;

/** Private Ed25519 key as a JWK: `d` is the seed. */
export const privateSigningJwk = signingJwk.extend({ d: z.string().length(43) });
const anyPrivateSigningJwk = z.object(privateSigningJwk.shape);
export type PrivateSigningJwk = z.infer<typeof privateSigningJwk>;

export type SigningKey = Awaited<ReturnType<typeof importJWK>>;

/**
 * y-coordinates of the eight points whose order divides the cofactor. Under such a key forged signatures verify in some runtimes
 * (workerd among them), so the key is refused where it enters and where it is loaded.
 */
const smallOrderY = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]);

/** Refuses small-order, non-canonical and wrong-type keys with `bad_key`; returns just the public members. */
export function checkSigningJwk(value: unknown): SigningJwk {
  const picked = anySigningJwk.safeParse(value);
  if (!picked.success) throw new PryxError('bad_key', 'This is not a public Ed25519 key.');
  const y = littleEndian(decodeKeyBytes(picked.data.x)) & (2n ** 255n - 1n);
  if (y >= fieldPrime) throw new PryxError('bad_key', 'This Ed25519 key is not in its canonical form.');
  if (smallOrderY.has(y)) throw new PryxError('bad_key', 'This Ed25519 key has small order.');
  return picked.data;
}

/** Imports a public key after `checkSigningJwk`. `alg` is left out: workerd refuses the one that RFC 9864 names. */
export async function importVerifyKey(value: unknown): Promise<SigningKey> {
  return importJWK(checkSigningJwk(value), 'Ed25519');
}

/** Throws `bad_key` as well when the halves do not belong together: workerd would sign with them, and nobody could verify it. */
export async function importSignKey(value: unknown): Promise<SigningKey> {
  const parsed = anyPrivateSigningJwk.safeParse(value);
  if (!parsed.success) throw new PryxError('bad_key', 'This is not a private Ed25519 key.');
  const publicKey = await importVerifyKey(parsed.data);
  decodeKeyBytes(parsed.data.d);
  const key = await importJWK(parsed.data, 'Ed25519').catch(() => undefined);
  const probe = key === undefined ? '' : await sign(key, '', 'probe', new Uint8Array());
  if (key === undefined || !(await verify(probe, 'probe', () => publicKey)).ok)
    throw new PryxError('bad_key', 'The two halves of this Ed25519 key do not belong together.');
  return key;
}

export async function generateSigningKey(): Promise<PrivateSigningJwk> {
  const { privateKey } = await generateKeyPair('Ed25519', { extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  return privateSigningJwk.parse({ kty, crv, x, d });
}

/** RFC 7638 thumbprint, SHA-256, base64url: the `kid` of an edge key and the id of a device. */
export async function thumbprint(jwk: SigningJwk): Promise<string> {
  return calculateJwkThumbprint(checkSigningJwk(jwk), 'sha256');
}

/**
 * Compact JWS over `payload` with exactly the header `{alg, kid, typ}`. By WebCrypto itself: a signer that takes any algorithm costs ten
 * times the signature in workerd (docs/performance.md).
 */
export async function sign(key: SigningKey, kid: string, typ: string, payload: Uint8Array): Promise<string> {
  const header = base64url.encode(JSON.stringify({ alg: 'Ed25519', kid, typ }));
  const signingInput = `${header}.${base64url.encode(payload)}`;
  const signature = await subtle.sign('Ed25519', key, new TextEncoder().encode(signingInput));
  return `${signingInput}.${base64url.encode(new Uint8Array(signature))}`;
}

const protectedHeader = z.strictObject({
  alg: z.literal('Ed25519'),
  kid: z.string().max(128),
  typ: z.string().max(64),
});

export type Verified =
  | { ok: true; payload: Uint8Array; kid: string }
  | { ok: false; code: 'malformed' | 'unknown_key' | 'bad_signature' };

/** Verifies a compact JWS of type `typ` with the one key that `findKey` has for its `kid`. Does not throw on bad input. */
export async function verify(
  jws: string,
  typ: string,
  findKey: (kid: string) => SigningKey | undefined,
): Promise<Verified> {
  const parsed = parseJws(jws, typ);
  if (parsed === undefined) return { ok: false, code: 'malformed' };
  const key = findKey(parsed.kid);
  if (key === undefined) return { ok: false, code: 'unknown_key' };
  try {
    await compactVerify(jws, key, { algorithms: ['Ed25519'] });
    return { ok: true, payload: parsed.payload, kid: parsed.kid };
  } catch {
    return { ok: false, code: 'bad_signature' };
  }
}

export interface ParsedJws {
  kid: string;
  /** What the signature is over: header and payload as they were sent. */
  signingInput: string;
  payload: Uint8Array;
  signature: Uint8Array;
}

/** The parts of a compact JWS with exactly the header `{alg, kid, typ}`; `undefined` for anything else. Proves nothing by itself. */
export function parseJws(jws: string, typ: string): ParsedJws | undefined {
  const [header, payload, signature] = splitCompact(jws, 3) ?? [];
  if (header === undefined || payload === undefined || signature?.length !== signatureLength) return undefined;
  const parsed = readHeader(protectedHeader, header);
  if (parsed?.typ !== typ) return undefined;
  return {
    kid: parsed.kid,
    signingInput: `${header}.${payload}`,
    payload: base64url.decode(payload),
    signature: base64url.decode(signature),
  };
}

/** 64 bytes of base64url (RFC 8032, section 5.1.6). */
const signatureLength = 86;
