/** Whose mailbox this is, whether that device may come in, and the proofs that it has used up. */
import { PryxError } from '../../shared/error.ts';
import { proofMemoryMs } from '../../shared/dpop.ts';
import type { Clock, Sql } from '../durable/ports.ts';

export interface Device {
  id: string;
  /** JSON of its public X25519 key. */
  sealingKey: string;
  /** Origin of the edge as the device knows it: the issuer of its jobs. */
  origin: string;
  /** Its owner, or an alarm, has shut it out. */
  revoked: boolean;
  /** Access tokens that were issued before are dead. Seconds since the epoch. */
  tokensFrom: number;
  /** How often the mailbox was emptied. */
  emptied: number;
}

/** What the Worker has checked of a request by the device itself; the rest needs the mailbox's memory. */
export interface Caller {
  /** `jti` of the proof: to be taken once. */
  proofId: string;
  /** `iat` of the access token, in seconds since the epoch. */
  issuedAt: number;
}

export interface DeviceRecord {
  /** `undefined` when none was ever let in. Another object whenever anything about it has changed. */
  find(): Device | undefined;
  /**
   * For what the device itself asks, with a token of `issuedAt` (seconds). Throws `revoked`, and `not_paired`: the edge may have lost its
   * storage, or the token is from before the device was let in last.
   */
  check(issuedAt: number): Device;
  admit(device: Pick<Device, 'id' | 'sealingKey' | 'origin'>): void;
  /** Writes that the device is shut out, and with `empty` that what is there is nobody's. `reload` makes it known here. */
  revoke(empty: boolean): void;
  reload(): void;
  /** Takes the `jti` of a proof; throws `bad_proof` when it was taken before, `rate_limited` when there are too many to remember. */
  takeProof(id: string): void;
  sweep(): number | null;
  lastContact(): number | null;
  keepContact(at: number): void;
}

/** More than a device needs in ten minutes. */
const maxProofs = 2000;

export function createDeviceRecord({ sql, clock }: { sql: Sql; clock: Clock }): DeviceRecord {
  let device = readDevice(sql);

  function check(issuedAt: number): Device {
    if (device === undefined)
      throw new PryxError('not_paired', 'This edge does not know this device.', { hint: 'Pair it again.' });
    if (device.revoked)
      throw new PryxError('revoked', 'This device was revoked at this edge.', { hint: 'Pair it again: `pryx pair`.' });
    // Written so that a time which is no number is refused.
    if (!(issuedAt >= device.tokensFrom))
      throw new PryxError('not_paired', 'The access token is from before the device was paired last.', {
        hint: 'Ask for a new one.',
      });
    return device;
  }

  function admit(entry: Parameters<DeviceRecord['admit']>[0]): void {
    const now = clock.now();
    sql.all(
      `insert into device (one, id, sealing_key, origin, enrolled_at, tokens_from)
        values (1, ?, ?, ?, ?, ?) on conflict do update
        set sealing_key = excluded.sealing_key, origin = excluded.origin, enrolled_at = excluded.enrolled_at,
          tokens_from = excluded.tokens_from, revoked_at = null`,
      entry.id,
      entry.sealingKey,
      entry.origin,
      now,
      // RFC 7519 counts in seconds, and the token that follows may be of this very one.
      Math.floor(now / 1000),
    );
    device = readDevice(sql);
  }

  function revoke(empty: boolean): void {
    sql.all(
      'update device set revoked_at = coalesce(revoked_at, ?), emptied = emptied + ?',
      clock.now(),
      empty ? 1 : 0,
    );
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
    check,
    admit,
    revoke,
    reload() {
      device = readDevice(sql);
    },
    takeProof,
    sweep,
    lastContact: () => sql.all<{ at: number | null }>('select last_contact as at from device')[0]?.at ?? null,
    keepContact: (at) => void sql.all('update device set last_contact = ?', at),
  };
}

function readDevice(sql: Sql): Device | undefined {
  const row = sql.all<Omit<Device, 'revoked'> & { revokedAt: number | null }>(
    `select id, sealing_key as sealingKey, origin, revoked_at as revokedAt, tokens_from as tokensFrom, emptied
      from device`,
  )[0];
  if (row === undefined) return undefined;
  const { revokedAt, ...device } = row;
  return { ...device, revoked: revokedAt !== null };
}
