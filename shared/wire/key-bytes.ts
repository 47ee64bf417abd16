/** The 32 bytes of an RFC 8037 key as a number, for the checks that libraries leave out. */
import { base64url } from 'jose';
import { PryxError } from '../error.ts';

/** Decodes 43 characters of base64url into 32 bytes; refuses padding bits that are not zero, so that a key has one spelling. */
export function decodeKeyBytes(text: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = base64url.decode(text);
  } catch {
    throw new PryxError('bad_key', 'This key is not base64url.');
  }
  if (bytes.length !== 32 || base64url.encode(bytes) !== text)
    throw new PryxError('bad_key', 'This key is not 32 bytes of base64url.');
  return bytes;
}

export function littleEndian(bytes: Uint8Array): bigint {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).toReversed();
  return BigInt(`0x${digits.join('')}`);
}

/** The prime of the field under both curves. */
export const fieldPrime = 2n ** 255n - 19n;
