/** The keys of an edge, read once from the secret `PRYX_EDGE_KEYS` and kept imported for the life of the isolate. */
import { base64url } from 'jose';
import { type JwksResponse, edgeKeys } from '../../shared/api/edge.ts';
import { PryxError } from '../../shared/error.ts';
import { parseKeyStatement } from '../../shared/wire/key-statement.ts';
import { decodeKeyBytes } from '../../shared/wire/key-bytes.ts';
import {
  type PrivateSigningJwk,
  type SigningKey,
  checkSigningJwk,
  importSignKey,
  importVerifyKey,
  thumbprint,
} from '../../shared/wire/signature.ts';

/** What an HMAC is for: no two uses share an input, whatever their data. */
export type MarkLabel = 'hook' | 'user' | 'chat' | 'nonce' | 'visit' | 'csrf' | 'recovery';

export interface Keyring {
  /** The first key signs; the others are published so that what they signed still verifies. */
  signKey: SigningKey;
  kid: string;
  findKey(kid: string): SigningKey | undefined;
  jwks: JwksResponse;
  /** How older keys introduced newer ones, oldest first. */
  statements: readonly string[];
  /** HMAC-SHA-256 under the hook key over label, NUL and data: 32 bytes. */
  mark(label: MarkLabel, data: Uint8Array): Promise<Uint8Array>;
}

/** Loads a secret once, however often it is asked for. */
export function createKeyringLoader(): (secret: string | undefined) => Promise<Keyring> {
  let loaded: { secret: string | undefined; keyring: Promise<Keyring> } | undefined;
  return (secret) => {
    if (loaded === undefined || loaded.secret !== secret) loaded = { secret, keyring: loadKeyring(secret) };
    return loaded.keyring;
  };
}

/** Throws `unavailable`, saying what is wrong with the secret and never what it holds. */
export async function loadKeyring(secret: string | undefined): Promise<Keyring> {
  if (secret === undefined || secret === '') throw unusable('is not set');
  const parsed = edgeKeys.safeParse(parseJson(secret));
  if (!parsed.success) throw unusable('is not the JSON that `pryx edge keygen` prints');
  const { statements = [] } = parsed.data;
  const statement = statements.map(numberOf).at(-1) ?? 0;
  try {
    const keys = await Promise.all(parsed.data.signing.map(importPair));
    const hookKey = await crypto.subtle.importKey(
      'raw',
      new Uint8Array(decodeKeyBytes(parsed.data.hook)),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const verifyKeys = new Map(keys.map((key) => [key.kid, key.verifyKey]));
    const first = keys[0];
    if (first === undefined) throw unusable('holds no signing key');
    return {
      signKey: first.signKey,
      kid: first.kid,
      findKey: (kid) => verifyKeys.get(kid),
      jwks: { keys: keys.map((key) => ({ ...key.jwk, kid: key.kid, alg: 'Ed25519', use: 'sig' })), statement },
      statements,
      mark: (label, data) => hmac(hookKey, label, data),
    };
  } catch (cause) {
    throw unusable('holds a key that cannot be used', cause);
  }
}

/** Whether it is true is for the devices to say, which know who signed before. */
function numberOf(text: string): number {
  const parsed = parseKeyStatement(text);
  if (parsed === undefined) throw unusable('holds a statement that is none');
  return parsed.statement.n;
}

async function importPair(jwk: PrivateSigningJwk) {
  const signKey = await importSignKey(jwk);
  const verifyKey = await importVerifyKey(jwk);
  const kid = await thumbprint(jwk);
  return { jwk: checkSigningJwk(jwk), kid, signKey, verifyKey };
}

async function hmac(
  key: Awaited<ReturnType<typeof crypto.subtle.importKey>>,
  label: MarkLabel,
  data: Uint8Array,
): Promise<Uint8Array> {
  const prefix = new TextEncoder().encode(`${label}\0`);
  const input = new Uint8Array(prefix.length + data.length);
  input.set(prefix);
  input.set(data, prefix.length);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, input));
}

/** A mark as text, cut to 16 bytes: enough that nobody finds a second input, short enough for a table. */
export async function markText(keyring: Pick<Keyring, 'mark'>, label: MarkLabel, text: string): Promise<string> {
  const mark = await keyring.mark(label, new TextEncoder().encode(text));
  return base64url.encode(mark.subarray(0, 16));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(what: string, cause?: unknown): PryxError {
  return new PryxError('unavailable', `The secret PRYX_EDGE_KEYS ${what}.`, {
    hint: 'Make keys with `pryx edge keygen` and store them with `wrangler secret put PRYX_EDGE_KEYS` (docs/deploy.md).',
    cause,
  });
}
