import fc from 'fast-check';
import { type ProofRequest, createProof, verifyProof } from '../../shared/dpop.ts';
import { importSignKey } from '../../shared/wire/signature.ts';
import { anyMutation } from './any-mutation.ts';
import { type Case, check, checkEqual, checkRefused } from './case.ts';
import { badSigningKeys, malformedKeys, withUnusedBit } from './wire/bad-keys.ts';
import { type Signer, createSigner, encode } from './wire/craft.ts';

const now = 1_800_000_000_000;
const id = '0123456789abcdef';
const request: ProofRequest = { method: 'GET', url: 'https://edge.example/link', accessToken: 'token' };

async function createGood(): Promise<{ signer: Signer; proof: string }> {
  const signer = await createSigner();
  return { signer, proof: await createProof(await importSignKey(signer.jwk), signer.jwk, { ...request, now, id }) };
}

const urls: [title: string, signed: string, asked: string, same: boolean][] = [
  ['a query and a fragment do not count', 'https://edge.example/link?a=1#b', 'https://edge.example/link?c=2', true],
  ['the port of the scheme does not count', 'https://edge.example:443/link', 'https://edge.example/link', true],
  ['capitals in scheme and host do not count', 'HTTPS://EDGE.example/link', 'https://edge.example/link', true],
  ['no path is the root', 'https://edge.example', 'https://edge.example/', true],
  ['dots in the path are resolved', 'https://edge.example/a/../link', 'https://edge.example/link', true],
  ['an escape that is not needed does not count', 'https://edge.example/%6Cin%6b', 'https://edge.example/link', true],
  ['capitals in an escape do not count', 'https://edge.example/a%2fb', 'https://edge.example/a%2Fb', true],
  ['a slash that is escaped counts', 'https://edge.example/a%2Fb', 'https://edge.example/a/b', false],
  ['an escape of an escape counts', 'https://edge.example/%256Cink', 'https://edge.example/link', false],
  ['capitals in the path count', 'https://edge.example/Link', 'https://edge.example/link', false],
  ['a slash at the end counts', 'https://edge.example/link/', 'https://edge.example/link', false],
  ['another port counts', 'https://edge.example:8443/link', 'https://edge.example/link', false],
  ['another scheme counts', 'http://edge.example/link', 'https://edge.example/link', false],
  ['another host counts', 'https://edge.example.attacker.example/link', 'https://edge.example/link', false],
  ['a user in the address counts', 'https://edge.example@attacker.example/link', 'https://edge.example/link', false],
  ['a user before the same host counts', 'https://user@edge.example/link', 'https://edge.example/link', false],
  ['a path alone is no address', '/link', 'https://edge.example/link', false],
];

export const cases: readonly Case[] = [
  {
    title: 'a proof that was made for a request fits it',
    async run() {
      const { signer, proof } = await createGood();
      const { jwk, thumbprint, id: seen } = await verifyProof(proof, { ...request, now });
      checkEqual([jwk, thumbprint, seen], [{ kty: 'OKP', crv: 'Ed25519', x: signer.jwk.x }, signer.kid, id]);
    },
  },
  {
    title: 'the nonce of a proof is told as it is, for the server that gave it to judge',
    async run() {
      const signer = await createSigner();
      const key = await importSignKey(signer.jwk);
      for (const nonce of ['given-by-the-server', '']) {
        const proof = await createProof(key, signer.jwk, { ...request, nonce, now, id });
        checkEqual((await verifyProof(proof, { ...request, now })).nonce, nonce);
      }
      const proof = await createProof(key, signer.jwk, { ...request, now, id });
      checkEqual((await verifyProof(proof, { ...request, now })).nonce, undefined);
      const long = await createProof(key, signer.jwk, { ...request, nonce: 'x'.repeat(257), now, id });
      await checkRefused('bad_proof', () => verifyProof(long, { ...request, now }));
    },
  },
  ...urls.map(
    ([title, signed, asked, same]): Case => ({
      title,
      async run() {
        const signer = await createSigner();
        const proof = await createProof(await importSignKey(signer.jwk), signer.jwk, {
          ...request,
          url: signed,
          now,
          id,
        });
        const fits = await verifyProof(proof, { ...request, url: asked, now }).then(
          () => true,
          () => false,
        );
        checkEqual(fits, same);
      },
    }),
  ),
  {
    title: 'no proof fits once any character of it is changed, added or taken away',
    async run() {
      const { proof } = await createGood();
      await fc.assert(
        fc.asyncProperty(anyMutation(proof), (changed) =>
          checkRefused('bad_proof', () => verifyProof(changed, { ...request, now })),
        ),
        { numRuns: 100 },
      );
    },
  },
  {
    title: 'a proof has one spelling: unused bits, padding and white space are refused',
    async run() {
      const { proof } = await createGood();
      const respelt = [proof.slice(0, -1) + withUnusedBit(proof.at(-1) ?? 'A'), `${proof}=`, ` ${proof}`, `${proof}\n`];
      for (const text of respelt) await checkRefused('bad_proof', () => verifyProof(text, { ...request, now }));
    },
  },
  {
    title: 'the number of a proof is of characters that a header can carry, not too few and not too many',
    async run() {
      const signer = await createSigner();
      const key = await importSignKey(signer.jwk);
      for (const odd of [
        'x'.repeat(15),
        'x'.repeat(129),
        `${id}\u20ac`,
        `${id}\u00e9`,
        `${id} `,
        `${id}\n`,
        `${id}\u0000`,
      ]) {
        const proof = await createProof(key, signer.jwk, { ...request, now, id: odd });
        await checkRefused('bad_proof', () => verifyProof(proof, { ...request, now }));
      }
    },
  },
  {
    title: 'a proof of more than 4 kB is refused',
    async run() {
      const signer = await createSigner();
      const url = `https://edge.example/${'a'.repeat(4096)}`;
      const proof = await createProof(await importSignKey(signer.jwk), signer.jwk, { ...request, url, now, id });
      await checkRefused('bad_proof', () => verifyProof(proof, { ...request, url, now }));
    },
  },
  {
    title: 'no proof fits under a key of small order, of another form or of another type',
    async run() {
      const { signer } = await createGood();
      const claims = JSON.stringify({ htm: 'GET', htu: request.url, jti: id, iat: now / 1000 });
      for (const { title, jwk } of [...badSigningKeys, ...malformedKeys('Ed25519', signer.jwk.x)]) {
        const header = JSON.stringify({ typ: 'dpop+jwt', alg: 'Ed25519', jwk });
        // R is the neutral point and S is zero: under some of these keys this would verify.
        const signature = Uint8Array.from({ length: 64 }, (_, index) => (index === 0 ? 1 : 0));
        const proof = `${encode(header)}.${encode(claims)}.${encode(signature)}`;
        await checkRefused('bad_proof', () => verifyProof(proof, { method: 'GET', url: request.url, now })).catch(
          (error: unknown) => {
            throw new Error(`${title}: ${String(error)}`);
          },
        );
      }
    },
  },
  {
    title: 'the error says nothing about which part was wrong, and nothing of the proof',
    async run() {
      const { proof } = await createGood();
      const outcome = await verifyProof(proof, { ...request, method: 'POST', now }).catch((error: unknown) => error);
      check(
        outcome instanceof Error && outcome.message === 'The DPoP proof does not fit this request.',
        String(outcome),
      );
    },
  },
];
