import { beforeAll, describe, expect, it } from 'vitest';
import { type EdgeTrust, loadTrust, openJob } from '../../../local-agent/edge-link/verify-job.ts';
import { type JobClaims, signJob } from '../../../shared/wire/job.ts';
import { type PrivateSealingJwk, generateSealingKey, importSealKey, seal } from '../../../shared/wire/seal.ts';
import {
  type PrivateSigningJwk,
  generateSigningKey,
  importSignKey,
  sign,
  thumbprint,
} from '../../../shared/wire/signature.ts';

const now = Date.UTC(2026, 10, 20);
let edgeKey: PrivateSigningJwk;
let device: PrivateSealingJwk;
let trust: EdgeTrust;

beforeAll(async () => {
  edgeKey = await generateSigningKey();
  device = await generateSealingKey();
  trust = await loadTrust({
    origin: 'https://edge.example',
    deviceId: 'device',
    pinnedKeys: [edgeKey],
    sealing: device,
  });
});

async function make(change: Partial<JobClaims> = {}, by = edgeKey, to = device, text = 'hello'): Promise<string> {
  const body = await seal(await importSealKey(to), new TextEncoder().encode(text));
  const claims: JobClaims = {
    iss: 'https://edge.example',
    aud: 'device',
    jti: 'tg:1:2',
    seq: 5,
    iat: now / 1000,
    exp: now / 1000 + 86_400,
    kind: 'telegram.update',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    body,
    ...change,
  };
  return signJob(await importSignKey(by), await thumbprint(by), claims);
}
const verdict = async (jws: string | Promise<string>, seq = 5): Promise<string> => {
  const opened = openJob({ seq, jws: await jws }, trust, now);
  return opened.ok ? Buffer.from(opened.body).toString() : opened.code;
};

describe('a job', () => {
  it('that the edge made for this device opens to the bytes that were sealed', async () => {
    expect(await verdict(make())).toBe('hello');
    expect(await verdict(make({}, edgeKey, device, ''))).toBe('');
    expect(await verdict(make({}, edgeKey, device, 'ü'.repeat(500_000)))).toBe('ü'.repeat(500_000));
  });

  it('of a key that is not pinned is refused, even when it names a pinned one', async () => {
    const other = await generateSigningKey();
    expect(await verdict(make({}, other))).toBe('unknown_key');
    const payload = new TextEncoder().encode('{}');
    expect(await verdict(sign(await importSignKey(other), await thumbprint(edgeKey), 'pryx-job+jws', payload))).toBe(
      'bad_signature',
    );
  });

  it.each([
    ['another issuer', { iss: 'https://other.example' }, 'wrong_issuer'],
    ['another device', { aud: 'other' }, 'wrong_audience'],
    ['another sequence than its frame says', { seq: 6 }, 'wrong_sequence'],
    ['the past', { iat: now / 1000 - 90_000, exp: now / 1000 - 3_600 }, 'expired'],
    ['the future', { iat: now / 1000 + 3_600, exp: now / 1000 + 7_200 }, 'expired'],
    ['an unknown kind', { kind: 'other' as never }, 'malformed'],
    ['an unknown member', { extra: 1 } as never, 'malformed'],
    ['a body that is not sealed', { body: 'hello' }, 'unopenable'],
  ])('of %s is refused', async (_, change, code) => {
    expect(await verdict(make(change as Partial<JobClaims>))).toBe(code);
  });

  it('sealed to another device is refused', async () => {
    expect(await verdict(make({}, edgeKey, await generateSealingKey()))).toBe('unopenable');
  });

  it('that was cut or changed anywhere is refused', async () => {
    const jws = await make();
    for (let at = 0; at < jws.length; at += 17) {
      const flipped = `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`;
      expect(await verdict(flipped)).toMatch(/^(malformed|unknown_key|bad_signature)$/);
      expect(await verdict(jws.slice(0, at))).toBe('malformed');
    }
  });

  it('whose sealed part was swapped for another one is refused', async () => {
    const other = await seal(await importSealKey(await generateSealingKey()), new Uint8Array(3));
    expect(await verdict(make({ body: other }))).toBe('unopenable');
  });
});

it('a small-order key is not loaded, wherever it comes from', async () => {
  const smallOrder = { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` } as const;
  await expect(
    loadTrust({ origin: 'https://e', deviceId: 'd', pinnedKeys: [smallOrder], sealing: device }),
  ).rejects.toMatchObject({ code: 'bad_key' });
});
