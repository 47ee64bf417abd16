import fc from 'fast-check';
import { decodeKeyBytes } from '../../../shared/wire/key-bytes.ts';
import {
  checkSigningJwk,
  generateSigningKey,
  importSignKey,
  importVerifyKey,
  sign,
  thumbprint,
  verify,
} from '../../../shared/wire/signature.ts';
import { jobType } from '../../../shared/wire/job.ts';
import { anyMutation } from '../any-mutation.ts';
import { type Case, check, checkEqual, checkRefused } from '../case.ts';
import { badJws, partsOf } from './bad-jws.ts';
import { badSigningKeys, malformedKeys, withUnusedBit } from './bad-keys.ts';
import { concat, createSigner, encode, utf8 } from './craft.ts';

const content = JSON.stringify({ update_id: 1 });
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** SHA-512(R, A, M) modulo the order of the base point: what a forger of RFC 8032, section 5.1.7 works with. */
async function challenge(r: Uint8Array, a: Uint8Array, message: Uint8Array): Promise<bigint> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', concat(r, a, message)));
  const number = digest.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return number % (2n ** 252n + 27742317777372353535851937790883648493n);
}

/** A token that verifies under a key of small order though nobody holds a private half: R is neutral, S is zero, k a multiple of the order. */
async function forge(x: string, order: number): Promise<string> {
  const neutral = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0));
  for (let nonce = 0; ; nonce += 1) {
    const input = `${encode(JSON.stringify({ alg: 'Ed25519', kid: 'small', typ: jobType }))}.${encode(`{"nonce":${nonce}}`)}`;
    if ((await challenge(neutral, decodeKeyBytes(x), utf8(input))) % BigInt(order) !== 0n) continue;
    return `${input}.${encode(concat(neutral, new Uint8Array(32)))}`;
  }
}

export const cases: readonly Case[] = [
  {
    title: 'what was signed verifies, and gives the payload and the kid back',
    async run() {
      const jwk = await generateSigningKey();
      const kid = await thumbprint(checkSigningJwk(jwk));
      const jws = await sign(await importSignKey(jwk), kid, jobType, utf8(content));
      const key = await importVerifyKey(jwk);
      const verified = await verify(jws, jobType, () => key);
      check(
        verified.ok && verified.kid === kid && sameBytes(verified.payload, utf8(content)),
        JSON.stringify(verified),
      );
    },
  },
  {
    title: 'any payload makes the round trip',
    async run() {
      const signer = await createSigner();
      const key = await importSignKey(signer.jwk);
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (payload) => {
          const verified = await verify(await sign(key, signer.kid, jobType, payload), jobType, signer.findKey);
          return verified.ok && sameBytes(verified.payload, payload);
        }),
        { numRuns: 50 },
      );
    },
  },
  {
    title: 'a payload of 1.5 MiB makes the round trip',
    async run() {
      const signer = await createSigner();
      const payload = new Uint8Array(1.5 * 1024 * 1024).map((_, index) => index * 7);
      const verified = await verify(
        await sign(await importSignKey(signer.jwk), signer.kid, jobType, payload),
        jobType,
        signer.findKey,
      );
      check(verified.ok && sameBytes(verified.payload, payload), 'the payload changed');
    },
  },
  {
    title: 'no token verifies once any character of it is changed, added or taken away',
    async run() {
      const signer = await createSigner();
      const good = await signer.sign(signer.header(), content);
      await fc.assert(
        fc.asyncProperty(anyMutation(good), async (changed) => !(await verify(changed, jobType, signer.findKey)).ok),
        { numRuns: 250 },
      );
    },
  },
  {
    title: 'no text at all makes it throw',
    async run() {
      const signer = await createSigner();
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'binary', maxLength: 200 }),
          async (text) => !(await verify(text, jobType, signer.findKey)).ok,
        ),
      );
    },
  },
  ...badJws.map(
    ({ title, code, make }): Case => ({
      title: `refuses as ${code}: ${title}`,
      async run() {
        const signer = await createSigner();
        const good = partsOf(await signer.sign(signer.header(), content), content);
        check((await verify(good.text, jobType, signer.findKey)).ok, 'the token was no good to begin with');
        checkEqual(await verify(await make(signer, good), jobType, signer.findKey), { ok: false, code });
      },
    }),
  ),
  {
    title: 'refuses as bad_signature: the kid of another pinned key',
    async run() {
      const [one, two] = [await createSigner(), await createSigner()];
      const jws = await one.sign(one.header({ kid: two.kid }), content);
      checkEqual(await verify(jws, jobType, (kid) => one.findKey(kid) ?? two.findKey(kid)), {
        ok: false,
        code: 'bad_signature',
      });
    },
  },
  ...badSigningKeys.map(
    ({ title, jwk }): Case => ({
      title: `takes no Ed25519 key that is ${title}`,
      async run() {
        await checkRefused('bad_key', () => checkSigningJwk(jwk));
        await checkRefused('bad_key', () => importVerifyKey(jwk));
        await checkRefused('bad_key', () => thumbprint(jwk as never));
        await checkRefused('bad_key', () => importSignKey({ ...jwk, d: encode(new Uint8Array(32).fill(1)) }));
      },
    }),
  ),
  ...badSigningKeys.flatMap(({ title, jwk, order }): Case[] =>
    order === undefined
      ? []
      : [
          {
            // Why the check exists: this runtime takes what was forged (docs/protocol.md).
            title: `without the check, a forgery under the ${title} would pass`,
            only: 'workerd',
            async run() {
              const jws = await forge(String(jwk.x), order);
              const key = await crypto.subtle.importKey('jwk', jwk, { name: 'Ed25519' }, false, ['verify']);
              check(
                (await verify(jws, jobType, () => key)).ok,
                'workerd refuses this by itself by now: say so in docs/protocol.md',
              );
            },
          },
        ],
  ),
  {
    title: 'takes no key of another type, length or spelling',
    async run() {
      const { x } = await generateSigningKey();
      for (const { title, jwk } of malformedKeys('Ed25519', x)) {
        await checkRefused('bad_key', () => checkSigningJwk(jwk)).catch((error: unknown) => {
          throw new Error(`${title}: ${String(error)}`);
        });
        await checkRefused('bad_key', () => importVerifyKey(jwk));
      }
      for (const value of [undefined, null, 'key', 7, [], x])
        await checkRefused('bad_key', () => importVerifyKey(value));
    },
  },
  {
    title: 'a private key where a public one is due lends its public half alone',
    async run() {
      const jwk = await generateSigningKey();
      checkEqual(Object.keys(checkSigningJwk(jwk)), ['kty', 'crv', 'x']);
      const key = await importVerifyKey(jwk);
      check('type' in key && key.type === 'public', 'a private key was imported');
    },
  },
  {
    title:
      'a public key where a private one is due is refused, and so is a private half of the wrong length or spelling',
    async run() {
      const jwk = await generateSigningKey();
      await checkRefused('bad_key', () => importSignKey(checkSigningJwk(jwk)));
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
        await checkRefused('bad_key', () => importSignKey({ ...jwk, d }));
      }
    },
  },
  {
    title: 'the two halves of a private key must belong together',
    async run() {
      const [one, two] = [await generateSigningKey(), await generateSigningKey()];
      await checkRefused('bad_key', () => importSignKey({ ...one, x: two.x }));
    },
  },
  {
    title: 'members that do not belong to a key are dropped',
    async run() {
      const jwk = await generateSigningKey();
      const stray = {
        alg: 'HS256',
        use: 'enc',
        key_ops: ['encrypt'],
        kid: 'x',
        k: 'AAAA',
        n: 'AQAB',
        toString: 'x',
        ...jwk,
      };
      checkEqual(checkSigningJwk(stray), { kty: 'OKP', crv: 'Ed25519', x: jwk.x });
      const key = await importVerifyKey(stray);
      const own = await importSignKey(stray);
      const jws = await sign(own, 'k', jobType, utf8(content));
      check((await verify(jws, jobType, () => key)).ok, 'the key does not verify');
    },
  },
  {
    title: 'the bytes of a key are 32',
    async run() {
      checkEqual(decodeKeyBytes(encode(new Uint8Array(32))).length, 32);
      for (const length of [0, 31, 33, 64])
        await checkRefused('bad_key', () => decodeKeyBytes(encode(new Uint8Array(length))));
    },
  },
  {
    title: 'the thumbprint is the one of RFC 8037, appendix A.3',
    async run() {
      const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
      checkEqual(await thumbprint({ kty: 'OKP', crv: 'Ed25519', x }), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    },
  },
];
