/**
 * Seals bodies to one device: compact JWEs (RFC 7516), ECDH-ES over X25519, A256GCM, just as shared/wire/seal.ts opens them. One key
 * agreement serves what arrives within seconds, since X25519 costs more than the rest of a webhook together (docs/decisions/005).
 */
import { base64url } from 'jose';
import { checkSealingJwk } from '../../shared/wire/seal.ts';

export interface BodySealer {
  /** `sealingKey`: JSON of the device's public key. Throws `bad_key`. */
  seal(sealingKey: string, body: Uint8Array): Promise<string>;
}

/** What one key agreement is used for at most. */
export const maxBodies = 64;
export const maxAgeMs = 10_000;

interface Agreement {
  /** Protected header, base64url. */
  header: string;
  /** The header as associated data. */
  associated: Uint8Array;
  key: CryptoKey;
}

export function createBodySealer({ now }: { now(): number }): BodySealer {
  let current: { agreement: Promise<Agreement>; sealingKey: string; madeAt: number; left: number } | undefined;

  function agreementWith(sealingKey: string): Promise<Agreement> {
    const at = now();
    if (current?.sealingKey !== sealingKey || current.left === 0 || at - current.madeAt > maxAgeMs)
      current = { agreement: agree(sealingKey), sealingKey, madeAt: at, left: maxBodies };
    current.left -= 1;
    return current.agreement;
  }

  return {
    async seal(sealingKey, body) {
      const { header, associated, key } = await agreementWith(sealingKey);
      // Random and 96 bits: for 64 bodies a repetition is out of the question (RFC 7518, section 5.3; NIST SP 800-38D, section 8.3).
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: associated }, key, body),
      );
      const text = sealed.subarray(0, -tagBytes);
      const tag = sealed.subarray(-tagBytes);
      return `${header}..${base64url.encode(iv)}.${base64url.encode(text)}.${base64url.encode(tag)}`;
    },
  };
}

const tagBytes = 16;
const algorithm = 'A256GCM';

/** Direct key agreement (RFC 7518, section 4.6): a new ephemeral key, used with this one recipient. */
async function agree(sealingKey: string): Promise<Agreement> {
  const jwk = checkSealingJwk(JSON.parse(sealingKey));
  const recipient = await crypto.subtle.importKey('jwk', jwk, x25519, false, []);
  const ephemeral = await crypto.subtle.generateKey(x25519, false, ['deriveBits']);
  if (!('publicKey' in ephemeral)) throw new Error('X25519 gave no pair.');
  const epk = new Uint8Array(await exportRaw(ephemeral.publicKey));
  const secret = await crypto.subtle.deriveBits({ ...x25519, ...publicKey(recipient) }, ephemeral.privateKey, 256);
  const key = await crypto.subtle.importKey('raw', await concatKdf(secret), 'AES-GCM', false, ['encrypt']);
  const header = base64url.encode(
    JSON.stringify({ alg: 'ECDH-ES', enc: algorithm, epk: { kty: 'OKP', crv: 'X25519', x: base64url.encode(epk) } }),
  );
  return { header, associated: new TextEncoder().encode(header), key };
}

const x25519 = { name: 'X25519' };

/** Workers' types name the member after what it was called before it clashed with a keyword of theirs; the runtime takes the standard's. */
function publicKey(key: CryptoKey): { public: CryptoKey; $public: CryptoKey } {
  return { public: key, $public: key };
}

async function exportRaw(key: CryptoKey): Promise<ArrayBuffer> {
  const raw = await crypto.subtle.exportKey('raw', key);
  if (!(raw instanceof ArrayBuffer)) throw new Error('X25519 gave no raw key.');
  return raw;
}

/** Concat KDF with SHA-256 and empty party information, one round (RFC 7518, section 4.6.2). */
async function concatKdf(secret: ArrayBuffer): Promise<ArrayBuffer> {
  const name = new TextEncoder().encode(algorithm);
  const input = new Uint8Array(4 + secret.byteLength + 4 + name.length + 12);
  const view = new DataView(input.buffer);
  view.setUint32(0, 1);
  input.set(new Uint8Array(secret), 4);
  view.setUint32(4 + secret.byteLength, name.length);
  input.set(name, 8 + secret.byteLength);
  // Two empty party fields lie between; the last is the length of the key in bits.
  view.setUint32(input.length - 4, 256);
  return crypto.subtle.digest('SHA-256', input);
}
