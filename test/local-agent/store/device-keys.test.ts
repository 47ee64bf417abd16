import { describe, expect, it } from 'vitest';
import { generateSigningKey, thumbprint } from '../../../shared/wire/signature.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { loadDeviceKeys, pinEdge, readEdge } from '../../../local-agent/store/device-keys.ts';
import { deviceKey, edge } from '../../../local-agent/store/tables/identity.ts';

const openMemory = () => openDatabase({ path: ':memory:' }).db;
/** y = 1, the neutral element: forged signatures verify under it in some runtimes. */
const smallOrder = Buffer.from([1, ...Array<number>(31).fill(0)]).toString('base64url');

describe('the keys of the device', () => {
  it('are made once and stay the same', async () => {
    const db = openMemory();
    const [first, beside] = await Promise.all([loadDeviceKeys(db, 1), loadDeviceKeys(db, 1)]);
    expect(beside).toEqual(first);
    expect(await loadDeviceKeys(db, 2)).toEqual(first);
    expect(await loadDeviceKeys(openMemory(), 1)).not.toEqual(first);
  });

  it('are refused when what is stored is not a pair that may be used', async () => {
    const good = await loadDeviceKeys(openMemory(), 1);
    const other = await loadDeviceKeys(openMemory(), 1);
    const bad = [
      { ...good, identity: { ...good.identity, x: other.identity.x } },
      { ...good, identity: { ...good.identity, x: smallOrder } },
      { ...good, sealing: { ...good.sealing, x: other.sealing.x } },
      { ...good, sealing: { ...good.sealing, d: 'short' } },
    ];
    for (const keys of bad) {
      const db = openMemory();
      db.insert(deviceKey)
        .values({ id: 1, ...keys, createdAt: 1 })
        .run();
      await expect(loadDeviceKeys(db, 2)).rejects.toMatchObject({
        code: 'bad_key',
        hint: expect.stringContaining('device_key'),
      });
    }
  });
});

describe('the edge that the device is paired with', () => {
  it('is remembered with just the keys that may sign', async () => {
    const db = openMemory();
    const { d: _, ...key } = await generateSigningKey();
    expect(readEdge(db, 'https://edge.example')).toBeUndefined();
    pinEdge(db, { origin: 'https://edge.example', deviceId: 'device', pinnedKeys: [key] }, 1);
    expect(readEdge(db, 'https://edge.example')).toEqual({
      origin: 'https://edge.example',
      deviceId: 'device',
      pinnedKeys: [key],
      have: 0,
    });
    expect(await thumbprint(key)).toHaveLength(43);
  });

  it('keeps what was acknowledged when its keys change, and counts anew for another mailbox', async () => {
    const db = openMemory();
    const { d: _, ...key } = await generateSigningKey();
    const pairing = { origin: 'https://edge.example', deviceId: 'device', pinnedKeys: [key] };
    pinEdge(db, pairing, 1);
    db.update(edge).set({ have: 57 }).run();
    pinEdge(db, pairing, 2);
    expect(readEdge(db, pairing.origin)?.have).toBe(57);
    pinEdge(db, { ...pairing, deviceId: 'another' }, 3);
    expect(readEdge(db, pairing.origin)).toMatchObject({ deviceId: 'another', have: 0 });
  });

  it('is refused with a key that anybody could sign for, when it enters and when it is loaded', () => {
    const db = openMemory();
    const key = { kty: 'OKP', crv: 'Ed25519', x: smallOrder } as const;
    const pairing = { origin: 'https://edge.example', deviceId: 'device', pinnedKeys: [key] };
    expect(() => pinEdge(db, pairing, 1)).toThrow(expect.objectContaining({ code: 'bad_key' }));
    expect(readEdge(db, pairing.origin)).toBeUndefined();
    db.insert(edge)
      .values({ ...pairing, pinnedAt: 1 })
      .run();
    expect(() => readEdge(db, pairing.origin)).toThrow(expect.objectContaining({ code: 'bad_key' }));
  });
});
