/** Makes tokens by hand, so that tests can write what no library would: any header, any key, any part. WebCrypto only. */
import type { webcrypto } from 'node:crypto';
import { base64url } from 'jose';
import { jobType } from '../../../shared/wire/job.ts';
import { type PrivateSealingJwk, generateSealingKey } from '../../../shared/wire/seal.ts';
import {
  type PrivateSigningJwk,
  type SigningKey,
  checkSigningJwk,
  generateSigningKey,
  importVerifyKey,
  thumbprint,
} from '../../../shared/wire/signature.ts';

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
export const encode = (content: string | Uint8Array): string => base64url.encode(content);

export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** 32 bytes of a number, least significant first, as RFC 7748 and RFC 8032 write keys. */
export function littleEndianBytes(number: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((number >> BigInt(8 * index)) & 0xffn));
}

export interface Signer {
  jwk: PrivateSigningJwk;
  kid: string;
  verifyKey: SigningKey;
  findKey(kid: string): SigningKey | undefined;
  /** Compact JWS with this very header text, signed by this key. */
  sign(header: string, payload: string | Uint8Array): Promise<string>;
  /** The header that a job has. */
  header(members?: Record<string, unknown>): string;
}

export async function createSigner(): Promise<Signer> {
  const jwk = await generateSigningKey();
  const kid = await thumbprint(checkSigningJwk(jwk));
  const verifyKey = await importVerifyKey(jwk);
  const key = await crypto.subtle.importKey('jwk', { ...jwk }, { name: 'Ed25519' }, false, ['sign']);
  return {
    jwk,
    kid,
    verifyKey,
    findKey: (asked) => (asked === kid ? verifyKey : undefined),
    async sign(header, payload) {
      const input = `${encode(header)}.${encode(payload)}`;
      return `${input}.${encode(new Uint8Array(await crypto.subtle.sign('Ed25519', key, utf8(input))))}`;
    },
    header: (members) => JSON.stringify({ alg: 'Ed25519', kid, typ: jobType, ...members }),
  };
}

export interface Recipient {
  jwk: PrivateSealingJwk;
}
export const createRecipient = async (): Promise<Recipient> => ({ jwk: await generateSealingKey() });

export interface CraftedSeal {
  /** Members of the protected header beside `alg`, `enc`, `epk`, or instead of them. */
  header?: Record<string, unknown>;
  /** The whole text of the header instead. */
  headerText?: (members: { alg: string; enc: string; epk: object }) => string;
  body?: Uint8Array<ArrayBuffer>;
  ivBytes?: number;
  tagBits?: number;
  /** Instead of an honest exchange: this public key, and the secret that it would lead to. */
  weak?: { x: string; secret: Uint8Array };
}

/** Compact JWE by ECDH-ES over X25519 and AES-GCM (RFC 7518, sections 4.6 and 5.3) with whatever is odd in `how`. */
export async function craftSeal(to: Recipient, how: CraftedSeal = {}): Promise<string> {
  const { x, secret } = how.weak ?? (await exchange(to));
  const members = { alg: 'ECDH-ES', enc: 'A256GCM', epk: { kty: 'OKP', crv: 'X25519', x } };
  const header = encode(how.headerText?.(members) ?? JSON.stringify({ ...members, ...how.header }));
  const key = await crypto.subtle.importKey('raw', await deriveKey(secret), 'AES-GCM', false, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(how.ivBytes ?? 12));
  const tagLength = how.tagBits ?? 128;
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv, additionalData: utf8(header), tagLength },
      key,
      how.body ?? utf8('{"update_id":1}'),
    ),
  );
  const tagAt = sealed.length - tagLength / 8;
  return `${header}..${encode(iv)}.${encode(sealed.subarray(0, tagAt))}.${encode(sealed.subarray(tagAt))}`;
}

async function exchange(to: Recipient): Promise<{ x: string; secret: Uint8Array }> {
  const pair = (await crypto.subtle.generateKey({ name: 'X25519' }, true, [
    'deriveBits',
  ])) as unknown as webcrypto.CryptoKeyPair;
  const { kty, crv, x } = to.jwk;
  const theirs = await crypto.subtle.importKey('jwk', { kty, crv, x }, { name: 'X25519' }, false, []);
  const secret = await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, pair.privateKey, 256);
  const own = await crypto.subtle.exportKey('raw', pair.publicKey);
  return { x: encode(new Uint8Array(own)), secret: new Uint8Array(secret) };
}

/** Concat KDF, one round (RFC 7518, section 4.6.2), without party info. */
async function deriveKey(secret: Uint8Array): Promise<ArrayBuffer> {
  const number = (value: number): Uint8Array => new Uint8Array([0, 0, value >> 8, value & 0xff]);
  const input = concat(number(1), secret, number(7), utf8('A256GCM'), number(0), number(0), number(256));
  return crypto.subtle.digest('SHA-256', input);
}
