/** A new signing key for an edge, introduced to its devices by the one that signed until now (docs/decisions/052). */
import { type EdgeKeys, edgeKeys } from '../../../shared/api/edge.ts';
import { PryxError } from '../../../shared/error.ts';
import {
  maxSigningKeys,
  maxStatements,
  parseKeyStatement,
  signKeyStatement,
} from '../../../shared/wire/key-statement.ts';
import { checkSigningJwk, generateSigningKey, importSignKey, thumbprint } from '../../../shared/wire/signature.ts';

/** What a secret of a Worker holds at most, in bytes (Cloudflare, "Environment variable size"). */
export const maxSecretBytes = 5000;

export interface Rotated {
  keys: EdgeKeys;
  /** Of the key that signs from now on. */
  kid: string;
  /** Number of the new statement. */
  statement: number;
  /** Statements, and keys, that had to go to make room. */
  dropped: { statements: number; keys: number };
}

/**
 * The new key comes first and signs. The old ones stay, so that what they signed still counts, unless `retire`: then nothing that they sign
 * counts any more. `now` in milliseconds since the epoch. Throws `bad_key`, `config_invalid`.
 */
export async function rotateKeys(
  before: EdgeKeys,
  { retire, now }: { retire: boolean; now: number },
): Promise<Rotated> {
  const [signer] = before.signing;
  if (signer === undefined) throw unreadable();
  const signing = [await generateSigningKey(), ...(retire ? [] : before.signing)].slice(0, maxSigningKeys);
  const { statements: said = [] } = before;
  // By the clock, and not from one: who begins with a copy from before the last rotation must not use a number that devices know already.
  const seconds = Math.floor(now / 1000);
  const statement = said.reduce((last, text) => Math.max(last, numberOf(text) + 1), Math.max(1, seconds));
  const added = await signKeyStatement(await importSignKey(signer), await thumbprint(signer), {
    n: statement,
    iat: seconds,
    keys: signing.map(checkSigningJwk),
  });
  const statements = [...said, added].slice(-maxStatements);
  while (statements.length > 1 && sizeOf({ ...before, signing, statements }) > maxSecretBytes) statements.shift();
  return {
    keys: { ...before, signing, statements },
    kid: await thumbprint(checkSigningJwk(signing[0])),
    statement,
    dropped: {
      statements: said.length + 1 - statements.length,
      keys: retire ? 0 : before.signing.length + 1 - signing.length,
    },
  };
}

/** Keys as they stand in the secret. Throws `config_invalid`, naming `place`. */
export function parseEdgeKeys(text: string, place: string): EdgeKeys {
  try {
    return edgeKeys.parse(JSON.parse(text));
  } catch {
    throw unreadable(place);
  }
}

const sizeOf = (keys: EdgeKeys): number => Buffer.byteLength(JSON.stringify(keys));

function numberOf(text: string): number {
  const parsed = parseKeyStatement(text);
  if (parsed === undefined) throw unreadable();
  return parsed.statement.n;
}

function unreadable(place = 'What was given'): PryxError {
  return new PryxError(
    'config_invalid',
    `${place} is not the JSON that \`pryx edge keygen\` or \`pryx edge rotate-key\` prints.`,
    {
      hint: 'Use the copy that you kept of the secret PRYX_EDGE_KEYS. Without one: `pryx edge keygen`, and pair every device anew.',
    },
  );
}
