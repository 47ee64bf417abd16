/**
 * The last part of a webhook address: device, bot and a mark of the edge over both (docs/decisions/002). A made-up one is refused by
 * arithmetic alone, before anything is looked up.
 */
import { base64url } from 'jose';
import { equalBytes } from '../guard/equal-bytes.ts';
import type { Keyring } from '../keys/keyring.ts';

const deviceBytes = 32;
const botBytes = 8;
const markBytes = 16;
const textLength = Math.ceil(((deviceBytes + botBytes + markBytes) * 4) / 3);

export interface Hook {
  deviceId: string;
  /** The bot's numeric user id, as decimal digits. */
  bot: string;
}

/** What a bot id looks like: the part of a bot token before the colon. */
export const botId = /^[1-9]\d{0,15}$/;

export async function makeHook(keyring: Pick<Keyring, 'mark'>, hook: Hook): Promise<string> {
  const bytes = new Uint8Array(deviceBytes + botBytes + markBytes);
  bytes.set(base64url.decode(hook.deviceId));
  new DataView(bytes.buffer).setBigUint64(deviceBytes, BigInt(hook.bot));
  bytes.set(await markOf(keyring, bytes), deviceBytes + botBytes);
  return base64url.encode(bytes);
}

/** `undefined` for whatever this edge did not make. */
export async function readHook(keyring: Pick<Keyring, 'mark'>, text: string): Promise<Hook | undefined> {
  if (text.length !== textLength || !/^[\w-]+$/.test(text)) return undefined;
  const bytes = base64url.decode(text);
  // The last character carries four bits that mean nothing: one hook has one spelling, or it would have many rate limits.
  if (base64url.encode(bytes) !== text) return undefined;
  if (!equalBytes(bytes.subarray(deviceBytes + botBytes), await markOf(keyring, bytes))) return undefined;
  return {
    deviceId: base64url.encode(bytes.subarray(0, deviceBytes)),
    bot: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(deviceBytes).toString(),
  };
}

async function markOf(keyring: Pick<Keyring, 'mark'>, bytes: Uint8Array): Promise<Uint8Array> {
  const kind = new TextEncoder().encode('telegram\0');
  const input = new Uint8Array(kind.length + deviceBytes + botBytes);
  input.set(kind);
  input.set(bytes.subarray(0, deviceBytes + botBytes), kind.length);
  return (await keyring.mark('hook', input)).subarray(0, markBytes);
}
