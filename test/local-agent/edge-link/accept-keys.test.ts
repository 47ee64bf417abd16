/** Which statements about the edge's keys a device follows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeKeys } from '../../../local-agent/edge-link/accept-keys.ts';
import { type EdgeTrust, loadTrust } from '../../../local-agent/edge-link/verify-job.ts';
import { signKeyStatement } from '../../../shared/wire/key-statement.ts';
import { generateSealingKey } from '../../../shared/wire/seal.ts';
import {
  type PrivateSigningJwk,
  checkSigningJwk,
  generateSigningKey,
  importSignKey,
  thumbprint,
} from '../../../shared/wire/signature.ts';
import { anyMutation } from '../../shared/any-mutation.ts';

const sealing = await generateSealingKey();
const [first, second, third, foreign] = [
  await generateSigningKey(),
  await generateSigningKey(),
  await generateSigningKey(),
  await generateSigningKey(),
];

const trusting = (...keys: PrivateSigningJwk[]): Promise<EdgeTrust> =>
  loadTrust({ origin: 'https://edge.example', deviceId: 'device', pinnedKeys: keys, sealing });
const kid = (key: PrivateSigningJwk): Promise<string> => thumbprint(checkSigningJwk(key));
async function state(signer: PrivateSigningJwk, n: number, keys: PrivateSigningJwk[], named = signer): Promise<string> {
  const statement = { n, iat: 1_790_000_000, keys: keys.map(checkSigningJwk) };
  return signKeyStatement(await importSignKey(signer), await kid(named), statement);
}

describe('a statement', () => {
  it('by a pinned key is followed: exactly its keys count, and the rest of the trust stays', async () => {
    const trust = await trusting(first);
    const verdict = judgeKeys(await state(first, 1, [second, third]), trust, 0);
    expect(verdict).toMatchObject({ ok: true, n: 1, keys: [checkSigningJwk(second), checkSigningJwk(third)] });
    const next = verdict.ok ? verdict.trust : trust;
    expect([...next.pinned.keys()]).toEqual([await kid(second), await kid(third)]);
    expect(next).toMatchObject({ origin: trust.origin, deviceId: trust.deviceId, contentKey: trust.contentKey });
    // As the keys are named that are loaded at a start.
    expect([...next.pinned.keys()]).toEqual([...(await trusting(second, third)).pinned.keys()]);
  });

  it('is followed after others, in a chain: each by a key that the one before brought', async () => {
    const chain = [
      await state(first, 1, [second, first]),
      await state(second, 2, [third]),
      await state(third, 5, [foreign, third]),
    ];
    let trust = await trusting(first);
    let last = 0;
    for (const text of chain) {
      const verdict = judgeKeys(text, trust, last);
      expect(verdict).toMatchObject({ ok: true });
      if (verdict.ok) [trust, last] = [verdict.trust, verdict.n];
    }
    expect([...trust.pinned.keys()]).toEqual([await kid(foreign), await kid(third)]);
  });

  it('that is not newer than the last one changes nothing, whoever says it', async () => {
    const trust = await trusting(first);
    for (const n of [1, 6, 7])
      expect(judgeKeys(await state(first, n, [second]), trust, 7)).toEqual({ ok: false, code: 'known' });
    expect(judgeKeys(await state(foreign, 7, [foreign]), trust, 7)).toEqual({ ok: false, code: 'known' });
  });

  it('by a key that is not pinned is refused, also in the name of one that is', async () => {
    const trust = await trusting(first);
    expect(judgeKeys(await state(foreign, 1, [foreign]), trust, 0)).toEqual({ ok: false, code: 'unknown_key' });
    expect(judgeKeys(await state(foreign, 1, [foreign, first]), trust, 0)).toEqual({ ok: false, code: 'unknown_key' });
    expect(judgeKeys(await state(foreign, 1, [foreign], first), trust, 0)).toEqual({
      ok: false,
      code: 'bad_signature',
    });
  });

  it('by a key that was retired is refused', async () => {
    const verdict = judgeKeys(await state(first, 1, [second]), await trusting(first), 0);
    expect(verdict.ok && judgeKeys(await state(first, 2, [foreign]), verdict.trust, 1)).toEqual({
      ok: false,
      code: 'unknown_key',
    });
  });

  it('that was changed anywhere is refused, and whatever comes, nothing is thrown', async () => {
    const trust = await trusting(first);
    const good = await state(first, 3, [second]);
    fc.assert(fc.property(anyMutation(good), (text) => !judgeKeys(text, trust, 0).ok));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !judgeKeys(text, trust, 0).ok));
    expect(judgeKeys('x'.repeat(2_000_000), trust, 0)).toEqual({ ok: false, code: 'malformed' });
  });
});
