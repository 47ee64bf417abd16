import { jobType } from '../../../shared/wire/job.ts';
import {
  keyStatementType,
  maxSigningKeys,
  maxStatementLength,
  parseKeyStatement,
  signKeyStatement,
} from '../../../shared/wire/key-statement.ts';
import { checkSigningJwk, generateSigningKey, importSignKey, verify } from '../../../shared/wire/signature.ts';
import { type Case, check, checkEqual } from '../case.ts';
import { badSigningKeys, malformedKeys } from './bad-keys.ts';
import { type Signer, createSigner, encode } from './craft.ts';

const publicKey = async () => checkSigningJwk(await generateSigningKey());
const good = async (members: Record<string, unknown> = {}) => ({
  n: 1,
  iat: 1_790_000_000,
  keys: [await publicKey(), await publicKey()],
  ...members,
});
const write = (signer: Signer, payload: unknown, header: Record<string, unknown> = {}): Promise<string> =>
  signer.sign(
    signer.header({ typ: keyStatementType, ...header }),
    typeof payload === 'string' ? payload : JSON.stringify(payload),
  );

const refused: [title: string, payload: (key: Record<string, unknown>) => Record<string, unknown>][] = [
  ['no keys', () => ({ keys: [] })],
  ['keys that are no list', (key) => ({ keys: key })],
  ['the same key twice', (key) => ({ keys: [key, key] })],
  ['a key with its private half', (key) => ({ keys: [{ ...key, d: key['x'] }] })],
  ['a key with a name of its own', (key) => ({ keys: [{ ...key, kid: 'x' }] })],
  ['the number zero', () => ({ n: 0 })],
  ['a negative number', () => ({ n: -1 })],
  ['a number with a fraction', () => ({ n: 1.5 })],
  ['a number beyond what is exact', () => ({ n: 2 ** 53 })],
  ['a number as text', () => ({ n: '1' })],
  ['no number', () => ({ n: undefined })],
  ['no time', () => ({ iat: undefined })],
  ['a time before all time', () => ({ iat: -1 })],
  ['a member too many', () => ({ exp: 1 })],
];

export const cases: readonly Case[] = [
  {
    title: 'what was signed is read again, and its signature holds',
    async run() {
      const signer = await createSigner();
      const statement = await good();
      const text = await signKeyStatement(await importSignKey(signer.jwk), signer.kid, statement);
      checkEqual(parseKeyStatement(text)?.statement, statement);
      checkEqual(parseKeyStatement(text)?.jws.kid, signer.kid);
      check((await verify(text, keyStatementType, signer.findKey)).ok, 'the signature does not hold');
    },
  },
  {
    title: 'as many keys as an edge may have fit in',
    async run() {
      const signer = await createSigner();
      const keys = await Promise.all(Array.from({ length: maxSigningKeys }, publicKey));
      const text = await write(signer, await good({ keys }));
      checkEqual(parseKeyStatement(text)?.statement.keys.length, maxSigningKeys);
      const more = await write(signer, await good({ keys: [...keys, await publicKey()] }));
      checkEqual(parseKeyStatement(more), undefined);
    },
  },
  ...refused.map(
    ([title, change]): Case => ({
      title: `is none with ${title}`,
      async run() {
        const signer = await createSigner();
        checkEqual(parseKeyStatement(await write(signer, await good(change(await publicKey())))), undefined);
      },
    }),
  ),
  {
    title: 'is none with a key that may not be used, wherever it stands',
    async run() {
      const signer = await createSigner();
      const keys = [...badSigningKeys, ...malformedKeys('Ed25519', (await publicKey()).x)];
      for (const { title, jwk } of keys) {
        const text = await write(signer, await good({ keys: [await publicKey(), jwk] }));
        check(parseKeyStatement(text) === undefined, `took ${title}`);
      }
    },
  },
  {
    title: 'is none when it calls itself something else',
    async run() {
      const signer = await createSigner();
      for (const typ of [jobType, 'JWT', 'dpop+jwt', 'at+jwt', '', 'PRYX-KEYS+JWS'])
        checkEqual(parseKeyStatement(await write(signer, await good(), { typ })), undefined);
      checkEqual(parseKeyStatement(await write(signer, await good(), { alg: 'none' })), undefined);
    },
  },
  {
    title: 'is none when it is no JWS, no JSON, or far too long',
    async run() {
      const signer = await createSigner();
      const part = encode('x'.repeat(2_000_000));
      for (const text of ['', '..', 'x.y.z', part, `${part}.${part}.${part}`, '\0', '🙂.🙂.🙂'])
        checkEqual(parseKeyStatement(text), undefined);
      for (const payload of ['', 'null', '[]', '7', '{', '\ufeff{}', '"n"'])
        checkEqual(parseKeyStatement(await write(signer, payload)), undefined);
      const padded = `${JSON.stringify(await good())}${' '.repeat(maxStatementLength)}`;
      checkEqual(parseKeyStatement(await write(signer, padded)), undefined);
    },
  },
];
