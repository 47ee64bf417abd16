/** What a Worker is given from outside: bindings, secrets and variables of `wrangler.toml` (docs/deploy.md says what each is for). */
import { PryxError } from '../shared/error.ts';
import type { Keyring } from './keys/keyring.ts';

export interface Env {
  /** One Durable Object a device, named by the device's id. */
  MAILBOX: DurableObjectNamespace;
  /** One object: the codes of pairings under way. */
  DESK: DurableObjectNamespace;
  /** One object: the owner of this edge, passkeys, devices and what their tokens come from. */
  ACCOUNT: DurableObjectNamespace;
  /** Claims this edge, once (docs/deploy.md). */
  PRYX_SETUP_CODE?: string;
  /** JSON of `edgeKeys` (shared/api/edge.ts). */
  PRYX_EDGE_KEYS?: string;
  /** The origin that devices and Telegram know; without it, the origin of each request. */
  PRYX_EDGE_ORIGIN?: string;
  /** Limits one genuine hook. */
  HOOK_LIMIT?: RateLimit;
  /** Limits one client address on everything else. */
  PUBLIC_LIMIT?: RateLimit;
  /** Limits one client address where something could be guessed, or a pairing begun. */
  PAIRING_LIMIT?: RateLimit;
}

/** Hono's view of it; every handler behind the first checks finds the keys. */
export interface EdgeContext {
  Bindings: Env;
  Variables: { keyring: Keyring };
}

/** The origin of this edge. Throws `unavailable` when the one that was set is not an origin. */
export function readOrigin(env: Pick<Env, 'PRYX_EDGE_ORIGIN'>, requestUrl: string): string {
  const set = env.PRYX_EDGE_ORIGIN;
  if (set === undefined || set === '') return new URL(requestUrl).origin;
  if (!/^https?:\/\//.test(set) || !URL.canParse(set) || new URL(set).origin !== set) {
    throw new PryxError('unavailable', 'PRYX_EDGE_ORIGIN is not an origin.', {
      hint: 'Set it to scheme and host alone, such as https://pryx-edge.example.workers.dev, or remove it.',
    });
  }
  return set;
}
