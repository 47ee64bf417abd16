import fc from 'fast-check';
import { maxBodyBytes } from '../../../shared/wire/limits.ts';
import {
  checkSealingJwk,
  generateSealingKey,
  importOpenKey,
  importSealKey,
  open,
  parseSeal,
  seal,
} from '../../../shared/wire/seal.ts';
import { anyMutation } from '../any-mutation.ts';
import { type Case, check, checkEqual, checkRefused } from '../case.ts';
import { badSealingKeys, malformedKeys, withUnusedBit } from './bad-keys.ts';
import { badSeals, weakSeals } from './bad-seals.ts';
import { craftSeal, createRecipient, encode, utf8 } from './craft.ts';

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

async function createPair() {
  const jwk = await generateSealingKey();
  return { jwk, sealKey: await importSealKey(jwk), openKey: await importOpenKey(jwk) };
}

export const cases: readonly Case[] = [
  {
    title: 'whatever is sealed opens again, byte for byte',
    async run() {
      const { sealKey, openKey } = await createPair();
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (body) =>
          sameBytes(await open(openKey, await seal(sealKey, body)), body),
        ),
        { numRuns: 50 },
      );
    },
  },
  ...[0, 1, 1023, maxBodyBytes - 1, maxBodyBytes].map(
    (length): Case => ({
      title: `a body of ${length} bytes makes the round trip`,
      async run() {
        const { sealKey, openKey } = await createPair();
        const body = new Uint8Array(length).map((_, index) => index * 31);
        check(sameBytes(await open(openKey, await seal(sealKey, body)), body), 'the body changed');
      },
    }),
  ),
  {
    title: 'the same body sealed twice shows nothing in common but its form',
    async run() {
      const { sealKey } = await createPair();
      const [one = [], two = []] = [await seal(sealKey, utf8('hello')), await seal(sealKey, utf8('hello'))].map(
        (text) => text.split('.'),
      );
      checkEqual(
        [0, 2, 3, 4].filter((part) => one[part] === two[part]),
        [],
      );
    },
  },
  {
    title: 'what another implementation sealed opens',
    async run() {
      const to = await createRecipient();
      const body = await open(await importOpenKey(to.jwk), await craftSeal(to));
      checkEqual(new TextDecoder().decode(body), '{"update_id":1}');
    },
  },
  {
    title: 'opens nothing once any character of it is changed, added or taken away',
    async run() {
      const { sealKey, openKey } = await createPair();
      const good = await seal(sealKey, utf8('{"update_id":1}'));
      await fc.assert(
        fc.asyncProperty(anyMutation(good), (changed) => checkRefused('bad_job', () => open(openKey, changed))),
        { numRuns: 200 },
      );
    },
  },
  ...badSeals.map(
    ({ title, make }): Case => ({
      title: `does not open: ${title}`,
      async run() {
        const to = await createRecipient();
        const key = await importOpenKey(to.jwk);
        const sealed = await make(to);
        await checkRefused('bad_job', () => open(key, sealed));
      },
    }),
  ),
  {
    title: 'refuses a low-order or non-canonical epk before anything is computed with it',
    async run() {
      const to = await createRecipient();
      for (const { make } of weakSeals) {
        const sealed = await make(to);
        await checkRefused('bad_key', () => parseSeal(sealed));
      }
    },
  },
  {
    title: 'refuses an iv or a tag of another length before anything is computed with it',
    async run() {
      const to = await createRecipient();
      for (const how of [{ tagBits: 96 }, { tagBits: 120 }, { ivBytes: 16 }]) {
        const sealed = await craftSeal(to, how);
        await checkRefused('bad_job', () => parseSeal(sealed));
      }
    },
  },
  ...badSealingKeys.map(
    ({ title, jwk }): Case => ({
      title: `takes no X25519 key that is ${title}`,
      async run() {
        await checkRefused('bad_key', () => checkSealingJwk(jwk));
        await checkRefused('bad_key', () => importSealKey(jwk));
        await checkRefused('bad_key', () => importOpenKey({ ...jwk, d: encode(new Uint8Array(32).fill(1)) }));
      },
    }),
  ),
  {
    title: 'takes a key on the twist: X25519 is made to be safe with it',
    run() {
      // u = 2 is no point of the curve itself (RFC 7748, section 5 needs no check for that).
      const bytes = new Uint8Array(32);
      bytes[0] = 2;
      checkEqual(checkSealingJwk({ kty: 'OKP', crv: 'X25519', x: encode(bytes) }).crv, 'X25519');
    },
  },
  {
    title: 'takes no key of another type, length or spelling',
    async run() {
      const { x } = await generateSealingKey();
      for (const { title, jwk } of malformedKeys('X25519', x)) {
        await checkRefused('bad_key', () => checkSealingJwk(jwk)).catch((error: unknown) => {
          throw new Error(`${title}: ${String(error)}`);
        });
        await checkRefused('bad_key', () => importSealKey(jwk));
      }
      for (const value of [undefined, null, 'key', 7, [], x]) await checkRefused('bad_key', () => importSealKey(value));
    },
  },
  {
    title: 'a private key where a public one is due lends its public half alone',
    async run() {
      const jwk = await generateSealingKey();
      checkEqual(Object.keys(checkSealingJwk(jwk)), ['kty', 'crv', 'x']);
      const key = await importSealKey(jwk);
      check('type' in key && key.type === 'public', 'a private key was imported');
    },
  },
  {
    title:
      'a public key where a private one is due is refused, and so is a private half of the wrong length or spelling',
    async run() {
      const jwk = await generateSealingKey();
      await checkRefused('bad_key', () => importOpenKey(checkSealingJwk(jwk)));
      for (const d of [
        '',
        jwk.d.slice(1),
        `${jwk.d}A`,
        `${jwk.d.slice(0, 42)}=`,
        `${jwk.d.slice(0, 42)} `,
        jwk.d.slice(0, 42) + withUnusedBit(jwk.d.at(-1) ?? 'A'),
        7,
        null,
      ]) {
        await checkRefused('bad_key', () => importOpenKey({ ...jwk, d }));
      }
    },
  },
];
