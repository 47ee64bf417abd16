/** Hook addresses: only the edge can make one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { loadKeyring } from '../../../workers/keys/keyring.ts';
import { makeHook, readHook } from '../../../workers/telegram/hook-address.ts';

const keyring = await loadKeyring(JSON.stringify(await generateEdgeKeys()));
const other = await loadKeyring(JSON.stringify(await generateEdgeKeys()));
const deviceIds = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));
const bots = fc.bigInt({ min: 1n, max: 9_999_999_999_999_999n }).map(String);

describe('a hook address', () => {
  test('says again which device and bot it was made for', async () => {
    await fc.assert(
      fc.asyncProperty(deviceIds, bots, async (deviceId, bot) => {
        expect(await readHook(keyring, await makeHook(keyring, { deviceId, bot }))).toEqual({ deviceId, bot });
      }),
    );
  });

  test('is good in one spelling only: any other character anywhere makes it void', async () => {
    const hook = await makeHook(keyring, { deviceId: Buffer.alloc(32, 7).toString('base64url'), bot: '123456' });
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let place = 0; place < hook.length; place += 1) {
      for (const character of place === hook.length - 1 ? alphabet : 'AQz_') {
        if (character === hook[place]) continue;
        expect(await readHook(keyring, hook.slice(0, place) + character + hook.slice(place + 1))).toBeUndefined();
      }
    }
    for (const text of [`${hook}=`, ` ${hook}`, `${hook}A`, hook.slice(1), hook.toUpperCase(), '', '%00'])
      expect(await readHook(keyring, text)).toBeUndefined();
  });

  test('of another edge is void', async () => {
    const hook = await makeHook(other, { deviceId: Buffer.alloc(32, 7).toString('base64url'), bot: '123456' });
    expect(await readHook(keyring, hook)).toBeUndefined();
  });
});
