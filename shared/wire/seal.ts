/** Sealing a body to one device: compact JWE (RFC 7516), ECDH-ES over X25519 (RFC 8037), A256GCM. */
import { base64url, compactDecrypt, exportJWK, generateKeyPair, importJWK } from 'jose';
import * as z from 'zod';
import { PryxError } from '../error.ts';
import { readHeader, splitCompact } from './compact.ts';
import { subtle } from './subtle.ts';
import { decodeKeyBytes, fieldPrime, littleEndian } from './key-bytes.ts';

/** Public X25519 key as a JWK (RFC 8037). */
export const sealingJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('X25519'),
  x: z.string().length(43),
});
/** The same among further members, which are left out. */
const anySealingJwk = z.object(sealingJwk.shape);
export type SealingJwk = z.infer<typeof sealingJwk>;

export const privateSealingJwk = sealingJwk.extend({ d: z.string().length(43) });
const anyPrivateSealingJwk = z.object(privateSealingJwk.shape);
export type PrivateSealingJwk = z.infer<typeof privateSealingJwk>;

export type SealingKey = Awaited<ReturnType<typeof importJWK>>;

/** u-coordinates for which every private key gives the same shared secret, zero (RFC 7748, section 6.1). */
const smallOrderU = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
]);

/** Refuses small-order, non-canonical and wrong-type keys with `bad_key`; returns just the public members. */
export function checkSealingJwk(value: unknown): SealingJwk {
  const picked = anySealingJwk.safeParse(value);
  if (!picked.success) throw new PryxError('bad_key', 'This is not a public X25519 key.');
  const u = littleEndian(decodeKeyBytes(picked.data.x));
  if (u >= fieldPrime) throw new PryxError('bad_key', 'This X25519 key is not in its canonical form.');
  if (smallOrderU.has(u)) throw new PryxError('bad_key', 'This X25519 key has small order.');
  return picked.data;
}

export async function importSealKey(value: unknown): Promise<SealingKey> {
  return importJWK(checkSealingJwk(value), 'ECDH-ES');
}

export async function importOpenKey(value: unknown): Promise<SealingKey> {
  const parsed = anyPrivateSealingJwk.safeParse(value);
  if (!parsed.success) throw new PryxError('bad_key', 'This is not a private X25519 key.');
  checkSealingJwk(parsed.data);
  decodeKeyBytes(parsed.data.d);
  try {
    return await importJWK(parsed.data, 'ECDH-ES');
  } catch (cause) {
    throw new PryxError('bad_key', 'The two halves of this X25519 key do not belong together.', { cause });
  }
}

export async function generateSealingKey(): Promise<PrivateSealingJwk> {
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  return privateSealingJwk.parse({ kty, crv, x, d });
}

/** One key agreement with one recipient: a new ephemeral key, and what follows from it (RFC 7518, section 4.6). */
export interface Agreement {
  /** Protected header, base64url. */
  header: string;
  /** The header as associated data. */
  additionalData: Uint8Array;
  /** AES-256-GCM. */
  key: unknown;
}

/** By WebCrypto itself, as in `sign`. */
export async function agree(to: SealingKey): Promise<Agreement> {
  const ephemeral = await subtle.generateKey('X25519', false, ['deriveBits']);
  const [shared, x] = await Promise.all([
    subtle.deriveBits({ name: 'X25519', public: to }, ephemeral.privateKey, 256),
    subtle.exportKey('raw', ephemeral.publicKey),
  ]);
  const epk = { kty: 'OKP', crv: 'X25519', x: base64url.encode(new Uint8Array(x)) };
  const header = base64url.encode(JSON.stringify({ alg: 'ECDH-ES', enc: 'A256GCM', epk }));
  const key = await subtle.importKey('raw', await deriveKey(shared), 'AES-GCM', false, ['encrypt']);
  return { header, additionalData: new TextEncoder().encode(header), key };
}

/** Seals `body` so that only the recipient of the agreement can read it. The random IV bears a few bodies each (docs/decisions/005). */
export async function sealWith({ header, additionalData, key }: Agreement, body: Uint8Array): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, body));
  const text = base64url.encode(sealed.subarray(0, -tagBytes));
  return `${header}..${base64url.encode(iv)}.${text}.${base64url.encode(sealed.subarray(-tagBytes))}`;
}

/** Seals one body under an agreement of its own. */
export async function seal(to: SealingKey, body: Uint8Array): Promise<string> {
  return sealWith(await agree(to), body);
}

const tagBytes = 16;

/** Concat KDF (NIST SP 800-56A) as RFC 7518, section 4.6.2 sets it up: one round of SHA-256, `enc` as algorithm, no party info. */
function deriveKey(shared: ArrayBuffer): Promise<ArrayBuffer> {
  const input = new Uint8Array(kdfPrefix.length + shared.byteLength + kdfSuffix.length);
  input.set(kdfPrefix);
  input.set(new Uint8Array(shared), kdfPrefix.length);
  input.set(kdfSuffix, kdfPrefix.length + shared.byteLength);
  return subtle.digest('SHA-256', input);
}

const uint32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const kdfPrefix = Uint8Array.from(uint32(1));
const kdfSuffix = Uint8Array.from([
  ...uint32(7),
  ...new TextEncoder().encode('A256GCM'),
  ...uint32(0),
  ...uint32(0),
  ...uint32(256),
]);

const sealHeader = z.strictObject({
  alg: z.literal('ECDH-ES'),
  enc: z.literal('A256GCM'),
  epk: sealingJwk,
});

/** 12 and 16 bytes of base64url (RFC 7518, section 5.3). */
const ivLength = 16;
const tagLength = 22;

export interface ParsedSeal {
  epk: SealingJwk;
  /** The header as it was sent: the associated data. */
  header: string;
  iv: Uint8Array;
  ciphertext: Uint8Array;
  tag: Uint8Array;
}

/** The parts of a compact JWE as `seal` makes it, its ephemeral key checked. Throws on anything else; proves nothing by itself. */
export function parseSeal(sealed: string): ParsedSeal {
  const [header = '', encryptedKey, iv, ciphertext = '', tag] = splitCompact(sealed, 5) ?? [];
  const parsed = readHeader(sealHeader, header);
  if (parsed === undefined || encryptedKey !== '' || iv?.length !== ivLength || tag?.length !== tagLength)
    throw new PryxError('bad_job', 'Not a sealed body.');
  return {
    epk: checkSealingJwk(parsed.epk),
    header,
    iv: base64url.decode(iv),
    ciphertext: base64url.decode(ciphertext),
    tag: base64url.decode(tag),
  };
}

/** Opens what `seal` made. Throws `bad_job` on anything else, without saying which part was wrong. */
export async function open(key: SealingKey, sealed: string): Promise<Uint8Array> {
  try {
    parseSeal(sealed);
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return plaintext;
  } catch (cause) {
    throw new PryxError('bad_job', 'A sealed body cannot be opened with this key.', { cause });
  }
}
