import { jobType, signJob, verifyJob } from '../../../shared/wire/job.ts';
import { importSignKey } from '../../../shared/wire/signature.ts';
import { type Case, check, checkEqual } from '../case.ts';
import { badClaims, edgeClaims, expectation, goodClaims } from './bad-claims.ts';
import { badJws, partsOf } from './bad-jws.ts';
import { createSigner } from './craft.ts';

export const cases: readonly Case[] = [
  {
    title: 'a job that was made for this device is taken as it was made',
    async run() {
      const signer = await createSigner();
      const jws = await signJob(await importSignKey(signer.jwk), signer.kid, goodClaims);
      checkEqual(await verifyJob(jws, expectation.seq, { ...expectation, findKey: signer.findKey }), {
        ok: true,
        claims: goodClaims,
      });
    },
  },
  ...edgeClaims.map(
    ({ title, change }): Case => ({
      title: `takes what is ${title}`,
      async run() {
        const signer = await createSigner();
        const jws = await signer.sign(signer.header(), JSON.stringify({ ...goodClaims, ...change }));
        const verdict = await verifyJob(jws, expectation.seq, { ...expectation, findKey: signer.findKey });
        check(verdict.ok, JSON.stringify(verdict));
      },
    }),
  ),
  ...badClaims.map(
    ({ title, code, payload }): Case => ({
      title: `refuses as ${code}: ${title}`,
      async run() {
        const signer = await createSigner();
        const jws = await signer.sign(signer.header(), payload);
        checkEqual(await verifyJob(jws, expectation.seq, { ...expectation, findKey: signer.findKey }), {
          ok: false,
          code,
        });
      },
    }),
  ),
  {
    title: 'says that the signature is wrong before it looks at the claims',
    async run() {
      const signer = await createSigner();
      for (const { title, code, make } of badJws) {
        const content = JSON.stringify({ ...goodClaims, iss: 'https://attacker.example', exp: 1 });
        const good = partsOf(await signer.sign(signer.header(), content), content);
        const verdict = await verifyJob(await make(signer, good), expectation.seq, {
          ...expectation,
          findKey: signer.findKey,
        });
        check(!verdict.ok && verdict.code === code, `${title}: ${JSON.stringify(verdict)}`);
      }
    },
  },
  {
    title: 'a claim that comes twice counts as it stands last, as RFC 7519, section 4 allows',
    async run() {
      const signer = await createSigner();
      const payload = JSON.stringify(goodClaims).replace('{', '{"aud":"device-2",');
      const jws = await signer.sign(signer.header(), payload);
      checkEqual((await verifyJob(jws, expectation.seq, { ...expectation, findKey: signer.findKey })).ok, true);
    },
  },
  {
    title: 'a proof or a statement is no job, though the same key signed it',
    async run() {
      const signer = await createSigner();
      for (const typ of ['dpop+jwt', 'pryx-keys+jws', `${jobType} `]) {
        const jws = await signer.sign(signer.header({ typ }), JSON.stringify(goodClaims));
        checkEqual(await verifyJob(jws, expectation.seq, { ...expectation, findKey: signer.findKey }), {
          ok: false,
          code: 'malformed',
        });
      }
    },
  },
];
