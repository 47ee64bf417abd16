/** The nonces that proofs at the token endpoint carry (RFC 9449, section 8): no memory, an HMAC of the time. A proof cannot be made in advance. */
import { type Keyring, markText } from '../keys/keyring.ts';

export const nonceWindowMs = 5 * 60 * 1000;

export const presentNonce = (keyring: Pick<Keyring, 'mark'>, now: number): Promise<string> =>
  nonceOf(keyring, windowOf(now));

/** Those of this window and of the last one are good. */
export async function isGoodNonce(keyring: Pick<Keyring, 'mark'>, nonce: string, now: number): Promise<boolean> {
  const good = await Promise.all([nonceOf(keyring, windowOf(now)), nonceOf(keyring, windowOf(now) - 1)]);
  return good.includes(nonce);
}

const windowOf = (now: number): number => Math.floor(now / nonceWindowMs);
const nonceOf = (keyring: Pick<Keyring, 'mark'>, window: number): Promise<string> =>
  markText(keyring, 'nonce', String(window));
