/** New keys for an edge, and whether a device that trusts the old ones follows. */
import { describe, expect, it } from 'vitest';
import { generateEdgeKeys } from '../../../../local-agent/cli/edge/generate-keys.ts';
import { maxSecretBytes, rotateKeys } from '../../../../local-agent/cli/edge/rotate-keys.ts';
import { judgeKeys } from '../../../../local-agent/edge-link/accept-keys.ts';
import { type EdgeTrust, loadTrust } from '../../../../local-agent/edge-link/verify-job.ts';
import { type EdgeKeys, edgeKeys } from '../../../../shared/api/edge.ts';
import { maxSigningKeys, maxStatements } from '../../../../shared/wire/key-statement.ts';
import { generateSealingKey } from '../../../../shared/wire/seal.ts';
import { checkSigningJwk, thumbprint } from '../../../../shared/wire/signature.ts';
import { loadKeyring } from '../../../../workers/keys/keyring.ts';

const now = Date.UTC(2026, 10, 20);
const sealing = await generateSealingKey();
const rotate = async (keys: EdgeKeys, retire = false) => (await rotateKeys(keys, { retire, now })).keys;
const paired = (keys: EdgeKeys): Promise<EdgeTrust> =>
  loadTrust({ origin: 'https://edge.example', deviceId: 'device', pinnedKeys: keys.signing, sealing });
const kids = (keys: EdgeKeys) => Promise.all(keys.signing.map((key) => thumbprint(checkSigningJwk(key))));

/** What a device trusts once it has heard all that an edge of these keys says. */
function follow(trust: EdgeTrust, ...said: EdgeKeys[]): string[] {
  let now = { trust, last: 0 };
  for (const text of said.flatMap(({ statements = [] }) => statements)) {
    const verdict = judgeKeys(text, now.trust, now.last);
    if (verdict.ok) now = { trust: verdict.trust, last: verdict.n };
  }
  return [...now.trust.pinned.keys()];
}

describe('a rotation', () => {
  it('puts a new key first, keeps the old one and the hook key, and is what an edge takes', async () => {
    const before = await generateEdgeKeys();
    const { keys, kid, statement } = await rotateKeys(before, { retire: false, now });
    expect(keys.signing).toHaveLength(2);
    expect(keys.signing[1]).toEqual(before.signing[0]);
    expect(keys.hook).toBe(before.hook);
    expect(statement).toBe(now / 1000);
    expect((await kids(keys))[0]).toBe(kid);
    const keyring = await loadKeyring(JSON.stringify(keys));
    expect(keyring.kid).toBe(kid);
    expect(keyring.statements).toEqual(keys.statements);
    expect(keyring.jwks.keys).toHaveLength(2);
  });

  it('is followed by a device that was paired before', async () => {
    const before = await generateEdgeKeys();
    const after = await rotate(before);
    expect(follow(await paired(before), after)).toEqual(await kids(after));
  });

  it('that retires is followed to the new key alone', async () => {
    const before = await rotate(await generateEdgeKeys());
    const after = await rotate(before, true);
    expect(after.signing).toHaveLength(1);
    expect(after.signing[0]).not.toEqual(before.signing[0]);
    expect(follow(await paired(before), after)).toEqual(await kids(after));
  });

  it('is followed by a device that was away for three, whichever of them retired', async () => {
    for (const retire of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const first = await generateEdgeKeys();
      let keys = first;
      for (const bit of [1, 2, 4]) keys = await rotate(keys, (retire & bit) !== 0);
      expect(keys.statements).toHaveLength(3);
      expect(follow(await paired(first), keys)).toEqual(await kids(keys));
    }
  });

  it('of a copy that was rotated before already is followed by a device that has followed the other', async () => {
    const copy = await generateEdgeKeys();
    const forgotten = await rotateKeys(copy, { retire: false, now });
    const again = await rotateKeys(copy, { retire: false, now: now + 60_000 });
    expect(follow(await paired(copy), forgotten.keys, again.keys)).toEqual(await kids(again.keys));
  });

  it('counts up, though the clock has gone back', async () => {
    const first = await rotateKeys(await generateEdgeKeys(), { retire: false, now });
    const second = await rotateKeys(first.keys, { retire: false, now: 0 });
    expect(second.statement).toBe(first.statement + 1);
    expect((await rotateKeys(await generateEdgeKeys(), { retire: false, now: 0 })).statement).toBe(1);
  });

  it('never makes more of a secret than Cloudflare takes, and says what had to go', async () => {
    let keys = await generateEdgeKeys();
    let gone = { keys: 0, statements: 0 };
    for (let round = 1; round <= 20; round += 1) {
      const rotated = await rotateKeys(keys, { retire: false, now });
      keys = edgeKeys.parse(rotated.keys);
      gone = {
        keys: gone.keys + rotated.dropped.keys,
        statements: gone.statements + rotated.dropped.statements,
      };
      expect(rotated.statement).toBe(now / 1000 + round - 1);
      expect(Buffer.byteLength(JSON.stringify(keys))).toBeLessThanOrEqual(maxSecretBytes);
    }
    expect(keys.signing).toHaveLength(maxSigningKeys);
    expect(keys.statements?.length).toBeGreaterThan(1);
    expect(gone.keys).toBe(21 - maxSigningKeys);
    expect(gone.statements).toBe(20 - (keys.statements?.length ?? 0));
  });

  it('each of a key alone keeps the last statements, as many as there is room for', async () => {
    let keys = await generateEdgeKeys();
    const trusts: EdgeTrust[] = [];
    for (let round = 0; round < maxStatements + 2; round += 1) {
      trusts.push(await paired(keys));
      keys = await rotate(keys, true);
    }
    const kept = keys.statements?.length ?? 0;
    expect(kept).toBeGreaterThan(8);
    expect(follow(trusts[trusts.length - kept] ?? trusts[0]!, keys)).toEqual(await kids(keys));
    expect(follow(trusts[trusts.length - kept - 1] ?? trusts[0]!, keys)).not.toEqual(await kids(keys));
  });

  it('of keys that are none is refused, without a word of what they were', async () => {
    const good = await generateEdgeKeys();
    const [key] = good.signing;
    const other = (await generateEdgeKeys()).signing[0];
    if (key === undefined || other === undefined) throw new Error('no key');
    for (const bad of [
      { ...good, signing: [{ ...key, d: other.d }] },
      { ...good, statements: ['a.b.c'] },
    ]) {
      const error = await rotate(bad).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(bad_key|config_invalid)$/) });
      expect(String(error)).not.toContain(other.d);
    }
  });
});
