/** How an edge replaces its signing keys without a hand on its devices: the key that signed until now says which keys do from now on (docs/decisions/052). */
import * as z from 'zod';
import {
  type ParsedJws,
  type SigningJwk,
  type SigningKey,
  checkSigningJwk,
  parseJws,
  sign,
  signingJwk,
} from './signature.ts';

export const keyStatementType = 'pryx-keys+jws';

/** Signing keys that an edge has at a time. */
export const maxSigningKeys = 8;
/** Statements that an edge keeps, for devices that were away. */
export const maxStatements = 16;
/** Ample for eight keys, which need 1,200 characters. */
export const maxStatementLength = 4096;

export const keyStatement = z.strictObject({
  /** Counts up, from 1: a device takes none that is not newer than the last. */
  n: z.int().positive(),
  /** Seconds since the epoch. */
  iat: z.number().nonnegative(),
  /** All keys whose signatures count from now on, the signing one first. */
  keys: z.array(signingJwk).min(1).max(maxSigningKeys),
});
export type KeyStatement = z.infer<typeof keyStatement>;

/** Compact JWS by the key that signed until now. */
export async function signKeyStatement(key: SigningKey, kid: string, statement: KeyStatement): Promise<string> {
  return sign(key, kid, keyStatementType, new TextEncoder().encode(JSON.stringify(statement)));
}

/**
 * The parts of a statement, its keys checked one by one (no small order, one spelling, no two alike); `undefined` for anything else. Proves
 * nothing before the signature of `jws.kid` has held.
 */
export function parseKeyStatement(text: string): { jws: ParsedJws; statement: KeyStatement } | undefined {
  const jws = text.length > maxStatementLength ? undefined : parseJws(text, keyStatementType);
  const statement = jws === undefined ? undefined : readStatement(jws.payload);
  return jws === undefined || statement === undefined ? undefined : { jws, statement };
}

function readStatement(payload: Uint8Array): KeyStatement | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
    const read = keyStatement.parse(JSON.parse(text));
    const keys: SigningJwk[] = read.keys.map(checkSigningJwk);
    return new Set(keys.map(({ x }) => x)).size === keys.length ? { ...read, keys } : undefined;
  } catch {
    return undefined;
  }
}
