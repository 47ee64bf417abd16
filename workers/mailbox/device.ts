/** Whose mailbox this is: what the device enrolled with, and the proofs that it has used up. */
import { PryxError } from '../../shared/error.ts';
import { proofLifetimeSeconds } from '../../shared/dpop.ts';
import type { SealingJwk } from '../../shared/wire/seal.ts';
import type { Clock, Sql } from '../durable/ports.ts';

export interface Device {
  id: string;
  /** JSON of its public X25519 key. */
  sealingKey: string;
  /** Origin of the edge as the device knows it: the issuer of its jobs. */
  origin: string;
}

export interface DeviceRecord {
  /** `undefined` when nobody has enrolled. */
  find(): Device | undefined;
  /** For what the device itself asks. Throws `not_paired`, upon which it enrols anew: the edge may have lost its storage. */
  current(): Device;
  enrol(device: { id: string; sealingKey: SealingJwk; origin: string }): void;
  /** Takes the `jti` of a proof; throws `bad_proof` when it was taken before, `rate_limited` when there are too many to remember. */
  takeProof(id: string): void;
  sweep(): number | null;
  lastContact(): number | null;
  keepContact(at: number): void;
}

/** A proof may lie this far ahead, and stays good as long again (shared/dpop.ts). */
const proofMemoryMs = 2 * proofLifetimeSeconds * 1000;
/** More than a device needs in ten minutes. */
const maxProofs = 2000;

export function createDeviceRecord({ sql, clock }: { sql: Sql; clock: Clock }): DeviceRecord {
  let device = readDevice(sql);

  function current(): Device {
    if (device === undefined)
      throw new PryxError('not_paired', 'This edge does not know this device.', { hint: 'Pair it again.' });
    return device;
  }

  function enrol(entry: { id: string; sealingKey: SealingJwk; origin: string }): void {
    sql.all(
      `insert into device values (1, ?, ?, ?, ?, null) on conflict do update
        set sealing_key = excluded.sealing_key, origin = excluded.origin, enrolled_at = excluded.enrolled_at`,
      entry.id,
      JSON.stringify(entry.sealingKey),
      entry.origin,
      clock.now(),
    );
    device = readDevice(sql);
  }

  function takeProof(id: string): void {
    const now = clock.now();
    const taken = sql.all<{ n: number }>('select count(*) as n from proof')[0]?.n ?? 0;
    if (taken >= maxProofs) sql.all('delete from proof where expires_at <= ?', now);
    const fresh = sql.all(
      'insert into proof select ?, ? where (select count(*) from proof) < ? on conflict do nothing returning id',
      id,
      now + proofMemoryMs,
      maxProofs,
    );
    if (fresh.length > 0) return;
    if (sql.all('select 1 from proof where id = ?', id).length > 0)
      throw new PryxError('bad_proof', 'This proof was used before.', { hint: 'Make a new proof for each request.' });
    throw new PryxError('rate_limited', 'Too many requests by one device.', { hint: 'Wait some minutes.' });
  }

  function sweep(): number | null {
    sql.all('delete from proof where expires_at <= ?', clock.now());
    return sql.all<{ at: number | null }>('select max(expires_at) as at from proof')[0]?.at ?? null;
  }

  return {
    find: () => device,
    current,
    enrol,
    takeProof,
    sweep,
    lastContact: () => sql.all<{ at: number | null }>('select last_contact as at from device')[0]?.at ?? null,
    keepContact: (at) => void sql.all('update device set last_contact = ?', at),
  };
}

function readDevice(sql: Sql): Device | undefined {
  return sql.all<{ id: string; sealingKey: string; origin: string }>(
    'select id, sealing_key as sealingKey, origin from device',
  )[0];
}
