/** Sealing a body to one device: compact JWE (RFC 7516), ECDH-ES over X25519 (RFC 8037), A256GCM. */
import { CompactEncrypt, base64url, compactDecrypt, exportJWK, generateKeyPair, importJWK } from 'jose';
import * as z from 'zod';
import { PryxError } from '../error.ts';
import { readHeader, splitCompact } from './compact.ts';
import { decodeKeyBytes, fieldPrime, littleEndian } from './key-bytes.ts';

/** Public X25519 key as a JWK (RFC 8037). */
export const sealingJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('X25519'),
  x: z.string().length(43),
});
export type SealingJwk = z.infer<typeof sealingJwk>;

export const privateSealingJwk = sealingJwk.extend({ d: z.string().length(43) });
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
  const picked = z.object(sealingJwk.shape).safeParse(value);
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
  const parsed = z.object(privateSealingJwk.shape).safeParse(value);
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

/** Seals `body` so that only the holder of the private half of `to` can read it. */
export async function seal(to: SealingKey, body: Uint8Array): Promise<string> {
  return new CompactEncrypt(body).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' }).encrypt(to);
}

const sealHeader = z.strictObject({
  alg: z.literal('ECDH-ES'),
  enc: z.literal('A256GCM'),
  epk: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('X25519'), x: z.string().length(43) }),
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
