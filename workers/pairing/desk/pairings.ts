/** The rows of the desk: one a pairing under way, until some time after its end. */
import type { Clock, Sql } from '../../durable/ports.ts';
import type { ApprovedDevice, CodeRequest, PendingDevice } from './desk-api.ts';

export interface Pairing {
  id: string;
  clientId: string;
  deviceId: string;
  state: 'pending' | 'approved' | 'denied';
  expiresAt: number;
  polledAt: number | null;
  /** Seconds. */
  interval: number;
}

export interface NewPairing extends CodeRequest {
  id: string;
  /** SHA-256 of the device code. */
  code: ArrayBuffer;
  userCode: string;
  lifetimeMs: number;
  interval: number;
}

export interface Pairings {
  add(pairing: NewPairing): void;
  /** That have not expired, decided or not: of one network, or of all. */
  countLive(network?: string): number;
  /** That wait for a decision, the oldest first. */
  listPending(): { id: string; deviceId: string; network: string | null }[];
  hasUserCode(userCode: string): boolean;
  findByCode(code: ArrayBuffer): Pairing | undefined;
  findPending(userCode: string): PendingDevice | undefined;
  /** Whether there was still something to decide. */
  decide(id: string, deviceId: string, state: 'approved' | 'denied'): boolean;
  notePoll(id: string, interval: number): void;
  readApproved(id: string): ApprovedDevice;
  forget(id: string): void;
  sweep(): void;
  /** When the next one is to be swept; `null` when there is none. */
  nextSweep(): number | null;
}

/** For so long an expired code is told that it has expired; then it is like one that never was. */
const expiredMemoryMs = 10 * 60 * 1000;

interface Row {
  pairingId: string;
  clientId: string;
  deviceId: string;
  sealingKey: string;
  name: string;
  platform: string;
  network: string | null;
  city: string | null;
  region: string | null;
  country: string | null;
  requestedAt: number;
  expiresAt: number;
}
const columns = `id as pairingId, client as clientId, device as deviceId, sealing_key as sealingKey, name, platform,
  network, city, region, country, requested_at as requestedAt, expires_at as expiresAt`;

export function createPairings({ sql, clock }: { sql: Sql; clock: Clock }): Pairings {
  const read = (where: string, ...given: (string | number)[]): Row | undefined =>
    sql.all<Pick<Row, keyof Row>>(`select ${columns} from pairing where ${where}`, ...given)[0];

  return {
    add(pairing) {
      const { place } = pairing;
      const now = clock.now();
      sql.all(
        `insert into pairing values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, null, ?)`,
        pairing.id,
        pairing.code,
        pairing.userCode,
        pairing.clientId,
        pairing.deviceId,
        pairing.sealingKey,
        pairing.name,
        pairing.platform,
        place.network,
        place.city,
        place.region,
        place.country,
        now,
        now + pairing.lifetimeMs,
        pairing.interval,
      );
    },
    countLive: (network) =>
      sql.all<{ n: number }>(
        `select count(*) as n from pairing where expires_at > ?${network === undefined ? '' : ' and network = ?'}`,
        clock.now(),
        ...(network === undefined ? [] : [network]),
      )[0]?.n ?? 0,
    listPending: () =>
      sql.all<{ id: string; deviceId: string; network: string | null }>(
        `select id, device as deviceId, network from pairing where state = 'pending' and expires_at > ? order by requested_at, id`,
        clock.now(),
      ),
    hasUserCode: (userCode) => sql.all('select 1 from pairing where user_code = ?', userCode).length > 0,
    findByCode: (code) =>
      sql.all<Pick<Pairing, keyof Pairing>>(
        `select id, client as clientId, device as deviceId, state, expires_at as expiresAt, polled_at as polledAt, interval
          from pairing where code = ?`,
        code,
      )[0],
    findPending(userCode) {
      const row = read("user_code = ? and state = 'pending' and expires_at > ?", userCode, clock.now());
      return row === undefined ? undefined : shownOf(row);
    },
    decide: (id, deviceId, state) =>
      sql.all(
        `update pairing set state = ? where id = ? and device = ? and state = 'pending' and expires_at > ? returning id`,
        state,
        id,
        deviceId,
        clock.now(),
      ).length > 0,
    notePoll: (id, interval) =>
      void sql.all('update pairing set polled_at = ?, interval = ? where id = ?', clock.now(), interval, id),
    readApproved(id) {
      const row = read('id = ?', id);
      if (row === undefined) throw new Error('The pairing is not there.');
      const { pairingId, clientId, deviceId, sealingKey, name, platform } = row;
      return { pairingId, clientId, deviceId, sealingKey, name, platform, place: placeOf(row) };
    },
    forget: (id) => void sql.all('delete from pairing where id = ?', id),
    sweep: () => void sql.all('delete from pairing where expires_at <= ?', clock.now() - expiredMemoryMs),
    nextSweep() {
      const at = sql.all<{ at: number | null }>('select min(expires_at) as at from pairing')[0]?.at ?? null;
      return at === null ? null : at + expiredMemoryMs;
    },
  };
}

const placeOf = ({ network, city, region, country }: Row) => ({ network, city, region, country });

const shownOf = (row: Row): PendingDevice => ({
  pairingId: row.pairingId,
  deviceId: row.deviceId,
  name: row.name,
  platform: row.platform,
  place: placeOf(row),
  requestedAt: row.requestedAt,
  expiresAt: row.expiresAt,
});
