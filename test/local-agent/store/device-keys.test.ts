import { describe, expect, it } from 'vitest';
import { generateSigningKey, thumbprint } from '../../../shared/wire/signature.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { loadDeviceKeys, pinEdge, pinStatement, readEdge } from '../../../local-agent/store/device-keys.ts';
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
      statement: 0,
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

  it('has exactly the keys that a statement says, when it is newer than the last', async () => {
    const db = openMemory();
    const [{ d: _1, ...first }, { d: _2, ...second }, { d: _3, ...third }] = [
      await generateSigningKey(),
      await generateSigningKey(),
      await generateSigningKey(),
    ];
    const origin = 'https://edge.example';
    pinEdge(db, { origin, deviceId: 'device', pinnedKeys: [first] }, 1);
    db.update(edge).set({ have: 57 }).run();
    expect(pinStatement(db, { origin, n: 3, keys: [second, first] }, 2)).toBe(true);
    const followed = { origin, deviceId: 'device', pinnedKeys: [second, first], have: 57, statement: 3 };
    expect(readEdge(db, origin)).toEqual(followed);
    for (const n of [1, 2, 3]) expect(pinStatement(db, { origin, n, keys: [third] }, 3)).toBe(false);
    expect(pinStatement(db, { origin: 'https://other.example', n: 9, keys: [third] }, 3)).toBe(false);
    const anybody = { kty: 'OKP', crv: 'Ed25519', x: smallOrder } as const;
    expect(() => pinStatement(db, { origin, n: 9, keys: [anybody] }, 3)).toThrow(
      expect.objectContaining({ code: 'bad_key' }),
    );
    expect(readEdge(db, origin)).toEqual(followed);
    // Paired anew: what is published then counts, and statements from there on, should the edge have begun anew.
    pinEdge(db, { origin, deviceId: 'device', pinnedKeys: [third] }, 4);
    expect(readEdge(db, origin)).toEqual({ ...followed, pinnedKeys: [third], statement: 0 });
    pinEdge(db, { origin, deviceId: 'device', pinnedKeys: [third], statement: 2 }, 5);
    expect(pinStatement(db, { origin, n: 2, keys: [first] }, 6)).toBe(false);
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
