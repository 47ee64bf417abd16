/** The daemon verifies by `node:crypto` what everybody else verifies by WebCrypto: it must refuse the same, for the same reason. */
import { describe, expect, test } from 'vitest';
import { type EdgeTrust, loadTrust, openJob } from '../../local-agent/edge-link/verify-job.ts';
import { importSealKey, seal } from '../../shared/wire/seal.ts';
import { checkSigningJwk } from '../../shared/wire/signature.ts';
import { badClaims, edgeClaims, expectation, goodClaims } from '../shared/wire/bad-claims.ts';
import { badJws, partsOf } from '../shared/wire/bad-jws.ts';
import { badSealingKeys, badSigningKeys, malformedKeys } from '../shared/wire/bad-keys.ts';
import { badSeals } from '../shared/wire/bad-seals.ts';
import { type Recipient, type Signer, craftSeal, createRecipient, createSigner, utf8 } from '../shared/wire/craft.ts';

interface Pair {
  edge: Signer;
  device: Recipient;
  trust: EdgeTrust;
}

async function pair(): Promise<Pair> {
  const [edge, device] = [await createSigner(), await createRecipient()];
  const trust = await loadTrust({
    origin: expectation.issuer,
    deviceId: expectation.audience,
    pinnedKeys: [checkSigningJwk(edge.jwk)],
    sealing: device.jwk,
  });
  return { edge, device, trust };
}

const open = (jws: string, trust: EdgeTrust) => openJob({ seq: expectation.seq, jws }, trust, expectation.now);
const signClaims = (edge: Signer, change: object): Promise<string> =>
  edge.sign(edge.header(), JSON.stringify({ ...goodClaims, ...change }));

describe('opens', () => {
  test('what shared/wire sealed', async () => {
    const { edge, device, trust } = await pair();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index * 13);
    const opened = open(await signClaims(edge, { body: await seal(await importSealKey(device.jwk), bytes) }), trust);
    expect(opened.ok && Buffer.from(opened.body).equals(bytes)).toBe(true);
  });

  test('an empty body', async () => {
    const { edge, device, trust } = await pair();
    const opened = open(await signClaims(edge, { body: await craftSeal(device, { body: utf8('') }) }), trust);
    expect(opened.ok && opened.body.length).toBe(0);
  });

  test.each(edgeClaims)('what is $title', async ({ change }) => {
    const { edge, device, trust } = await pair();
    expect(open(await signClaims(edge, { body: await craftSeal(device), ...change }), trust)).toMatchObject({
      ok: true,
    });
  });
});

describe('refuses', () => {
  test.each(badJws)('as $code: $title', async ({ code, make }) => {
    const { edge, device, trust } = await pair();
    const content = JSON.stringify({ ...goodClaims, body: await craftSeal(device) });
    const good = partsOf(await edge.sign(edge.header(), content), content);
    expect(open(good.text, trust).ok).toBe(true);
    expect(open(await make(edge, good), trust)).toEqual({ seq: expectation.seq, ok: false, code });
  });

  test.each(badClaims)('as $code: $title', async ({ code, payload }) => {
    const { edge, trust } = await pair();
    expect(open(await edge.sign(edge.header(), payload), trust)).toEqual({ seq: expectation.seq, ok: false, code });
  });

  test.each(badSeals)('as unopenable: $title', async ({ make }) => {
    const { edge, device, trust } = await pair();
    const jws = await signClaims(edge, { body: await make(device) });
    expect(open(jws, trust)).toEqual({ seq: expectation.seq, ok: false, code: 'unopenable' });
  });
});

describe('trusts', () => {
  const load = async (change: { pinnedKeys?: unknown; sealing?: unknown }): Promise<EdgeTrust> => {
    const [edge, device] = [await createSigner(), await createRecipient()];
    const from = { pinnedKeys: [checkSigningJwk(edge.jwk)], sealing: device.jwk, ...change };
    return loadTrust({
      origin: expectation.issuer,
      deviceId: expectation.audience,
      ...(from as never as EdgeTrustSource),
    });
  };
  type EdgeTrustSource = Pick<Parameters<typeof loadTrust>[0], 'pinnedKeys' | 'sealing'>;

  test.each(badSigningKeys)('no edge key that is $title', async ({ jwk }) => {
    await expect(load({ pinnedKeys: [jwk] })).rejects.toMatchObject({ code: 'bad_key' });
  });

  test('no edge key of another type, length or spelling', async () => {
    for (const { jwk } of malformedKeys('Ed25519', (await createSigner()).jwk.x))
      await expect(load({ pinnedKeys: [jwk] })).rejects.toMatchObject({ code: 'bad_key' });
  });

  test.each(badSealingKeys)('no sealing key of its own that is $title', async ({ jwk }) => {
    await expect(load({ sealing: { ...jwk, d: 'A'.repeat(43) } })).rejects.toMatchObject({ code: 'bad_key' });
  });
});
