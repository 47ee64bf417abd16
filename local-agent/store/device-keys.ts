/** What the device is to an edge: its own keys, made once, and the edge it is paired with. Keys are checked whenever they are loaded. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { and, eq, lt } from 'drizzle-orm';
import { type DeviceKeys, deviceKeys } from '../../shared/api/edge.ts';
import { PryxError } from '../../shared/error.ts';
import { checkSealingJwk, generateSealingKey } from '../../shared/wire/seal.ts';
import { type SigningJwk, checkSigningJwk, generateSigningKey } from '../../shared/wire/signature.ts';
import type { Db } from './database.ts';
import { deviceKey, edge } from './tables/identity.ts';

/** Makes the keys at the first call. Throws `bad_key` when what is stored is not a key that may be used. */
export async function loadDeviceKeys(db: Db, now: number): Promise<DeviceKeys> {
  const stored = db.select().from(deviceKey).get();
  if (stored !== undefined) return checkDeviceKeys({ identity: stored.identity, sealing: stored.sealing });
  const made = { identity: await generateSigningKey(), sealing: await generateSealingKey() };
  db.insert(deviceKey)
    .values({ id: 1, ...made, createdAt: now })
    .onConflictDoNothing()
    .run();
  return loadDeviceKeys(db, now);
}

function checkDeviceKeys(value: unknown): DeviceKeys {
  try {
    const keys = deviceKeys.parse(value);
    if (publicHalf(keys.identity) !== checkSigningJwk(keys.identity).x) throw new Error('identity: halves of two keys');
    if (publicHalf(keys.sealing) !== checkSealingJwk(keys.sealing).x) throw new Error('sealing: halves of two keys');
    return keys;
  } catch (cause) {
    throw new PryxError('bad_key', 'The stored keys of this device may not be used.', {
      hint: 'Delete the row of `device_key` in the database: new keys are made, and the device must be paired again.',
      cause,
    });
  }
}

const publicHalf = (jwk: DeviceKeys['identity'] | DeviceKeys['sealing']): string | undefined =>
  createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' })).export({ format: 'jwk' }).x;

export interface PairedEdge {
  origin: string;
  deviceId: string;
  /** Only these may sign jobs. */
  pinnedKeys: SigningJwk[];
  /** Highest sequence that is durable here. */
  have: number;
  /** Number of the last statement about its keys that was accepted; 0 for none. */
  statement: number;
}

/** Throws `bad_key` when a pinned key may not be used. */
export function readEdge(db: Db, origin: string): PairedEdge | undefined {
  const row = db.select().from(edge).where(eq(edge.origin, origin)).get();
  if (row === undefined) return undefined;
  const { deviceId, have, statement } = row;
  return { origin, deviceId, pinnedKeys: row.pinnedKeys.map(checkSigningJwk), have, statement };
}

/** Pins the keys of an edge. What is acknowledged stays as it is, unless this is another mailbox, which counts from the start. */
export function pinEdge(
  db: Db,
  pairing: { origin: string; deviceId: string; pinnedKeys: readonly SigningJwk[]; statement?: number },
  now: number,
): void {
  const pinnedKeys = pairing.pinnedKeys.map(checkSigningJwk);
  // Of a pairing before nothing counts: the edge may have begun anew.
  const { origin, deviceId, statement = 0 } = pairing;
  db.transaction((tx) => {
    const have = tx.select().from(edge).where(eq(edge.origin, origin)).get();
    const row = {
      deviceId,
      pinnedKeys,
      have: have?.deviceId === deviceId ? have.have : 0,
      pinnedAt: now,
      statement,
    };
    tx.insert(edge)
      .values({ origin, ...row })
      .onConflictDoUpdate({ target: edge.origin, set: row })
      .run();
  });
}

/** Pins exactly what statement `n` says. False when it is not newer than the last one, or when this device is not paired there. */
export function pinStatement(
  db: Db,
  change: { origin: string; n: number; keys: readonly SigningJwk[] },
  now: number,
): boolean {
  const pinnedKeys = change.keys.map(checkSigningJwk);
  const older = and(eq(edge.origin, change.origin), lt(edge.statement, change.n));
  return db.update(edge).set({ pinnedKeys, statement: change.n, pinnedAt: now }).where(older).run().changes > 0;
}
