/** Desk and account without a runtime: SQLite in memory, a clock that is told the time, and mailboxes that are a list of what was done. */
import { createHash, randomBytes } from 'node:crypto';
import type { Random, Sql } from '../../../workers/durable/ports.ts';
import { type ComposedAccount, createAccount } from '../../../workers/pairing/account/compose.ts';
import { createEvents } from '../../../workers/pairing/account/events.ts';
import { type ComposedDesk, createDesk } from '../../../workers/pairing/desk/compose.ts';
import type { CodeRequest } from '../../../workers/pairing/desk/desk-api.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { openSql } from '../support/open-sql.ts';

const random: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };

function openStorage() {
  const { sql: plain, sqlite } = openSql();
  let writesLeft = Number.POSITIVE_INFINITY;
  const sql: Sql = {
    all(query, ...bindings) {
      if (writesLeft <= 0 && !query.startsWith('select')) throw new Error('disk I/O error');
      writesLeft -= query.startsWith('select') ? 0 : 1;
      return plain.all(query, ...bindings);
    },
    transaction: plain.transaction,
  };
  return {
    sql,
    sqlite,
    /** Every write after so many fails. */
    failAfter(writes: number) {
      writesLeft = writes;
    },
    count: (table: string) => Number(sqlite.prepare(`select count(*) from ${table}`).pluck().get()),
    /** Everything at rest, as one text. */
    everything() {
      const tables = sqlite.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
      return tables
        .flatMap((table) => sqlite.prepare(`select * from "${table}"`).all())
        .map((row) =>
          JSON.stringify(row, (_key, value) =>
            value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64url') : value,
          ),
        )
        .join('\n');
    },
  };
}

function createTestAlarm() {
  let at: number | null = null;
  return {
    alarm: { ensure: (time: number) => void (at = Math.min(at ?? time, time)) },
    at: () => at,
    take() {
      at = null;
    },
  };
}

export const deviceId = (name: string): string => createHash('sha256').update(name).digest('base64url');

export const codeRequest = (change: Partial<CodeRequest> = {}): CodeRequest => ({
  clientId: 'pryx-device',
  deviceId: deviceId('laptop'),
  sealingKey: '{"kty":"OKP","crv":"X25519","x":"…"}',
  name: 'laptop',
  platform: 'Debian 12, x64',
  place: { network: '192.0.2.1', city: 'Berlin', region: 'Berlin', country: 'DE' },
  ...change,
});

export function simulateDesk(chance: Random = random) {
  const clock = createVirtualClock();
  const storage = openStorage();
  const ringing = createTestAlarm();
  const wake = (): ComposedDesk => createDesk({ sql: storage.sql, clock, random: chance, alarm: ringing.alarm });
  let desk = wake();
  return {
    clock,
    ...storage,
    core: () => desk.core,
    alarmAt: ringing.at,
    ring() {
      ringing.take();
      desk.sweep();
    },
    sleep() {
      desk = wake();
    },
    /** As the device that asked. */
    poll: (deviceCode: string, id = deviceId('laptop')) =>
      desk.core.poll({ deviceCode, clientId: 'pryx-device', deviceId: id }),
    /** The owner, who sees the code and decides. */
    decide(userCode: string, approve = true) {
      const shown = desk.core.find(userCode);
      if (shown === undefined) return 'gone';
      return desk.core.decide({ pairingId: shown.pairingId, deviceId: shown.deviceId, approve });
    },
  };
}

export function simulateAccount() {
  const clock = createVirtualClock();
  const storage = openStorage();
  const ringing = createTestAlarm();
  /** What mailboxes were told, in order; and what the next calls meet. */
  const told: string[] = [];
  let meet: (call: string) => Promise<void> = async () => undefined;
  let hold: ((call: string) => Promise<void>) | undefined;
  const tell = async (call: string): Promise<void> => {
    const held = hold;
    hold = undefined;
    await (held ?? meet)(call);
    told.push(call);
  };
  const wake = (): ComposedAccount =>
    createAccount({
      sql: storage.sql,
      // Whoever sleeps wakes up later, at once.
      clock: { now: () => clock.now(), sleep: (ms) => clock.advance(ms) },
      random,
      alarm: ringing.alarm,
      mailboxes: {
        admit: ({ deviceId: id }) => tell(`admit ${nameOf(id)}`),
        revoke: (id, { empty }) => tell(`${empty ? 'empty' : 'shut'} ${nameOf(id)}`),
      },
      mark: async (label, text) => createHash('sha256').update(`${label} ${text}`).digest('base64url').slice(0, 22),
    });
  let account = wake();
  const events = () => createEvents({ sql: storage.sql, clock }).list();
  let proofs = 0;
  let pairings = 0;
  const names = new Map<string, string>();
  const nameOf = (id: string): string => names.get(id) ?? id;
  const idOf = (name: string): string => {
    const id = deviceId(name);
    names.set(id, name);
    return id;
  };

  return {
    clock,
    ...storage,
    core: () => account.core,
    told,
    alarmAt: ringing.at,
    idOf,
    newProof: () => `proof-${(proofs += 1)}`,
    /** What each call to a mailbox meets from now on. */
    meet(next: (call: string) => Promise<void>) {
      meet = next;
    },
    /** Holds up the next call to a mailbox until it is let go. */
    holdNext() {
      let letGo: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const started = new Promise<void>((resolve) => {
        hold = () => {
          resolve();
          return held;
        };
      });
      return { started, letGo };
    },
    ring() {
      ringing.take();
      return account.sweep();
    },
    /** The object loses its memory; what it was doing goes on without it. */
    restart() {
      account = wake();
    },
    admit(name: string, pairingId = `pairing-${(pairings += 1)}`) {
      const admission = {
        pairingId,
        deviceId: idOf(name),
        sealingKey: '{}',
        name,
        platform: 'Linux',
        origin: 'https://edge',
      };
      return account.core.admit(admission);
    },
    /** Pairs, and hands out the first refresh token. */
    async pair(name: string): Promise<string> {
      const admitted = await this.admit(name);
      if (admitted.state !== 'admitted') throw new Error(admitted.state);
      return admitted.refreshToken;
    },
    /** The next refresh token, or why there is none. */
    async refresh(name: string, refreshToken: string, proofId = `proof-${(proofs += 1)}`): Promise<string> {
      const outcome = await account.core.refresh({ refreshToken, deviceId: idOf(name), proofId });
      return outcome.state === 'refreshed' ? outcome.refreshToken : outcome.state;
    },
    revoke: (name: string) => account.core.revokeDevice({ deviceId: idOf(name), by: { kind: 'owner' } }),
    stateOf: (name: string) => account.core.devices().find((device) => device.deviceId === idOf(name)),
    events,
    happened: () => events().map(({ kind, deviceName }) => `${kind} ${deviceName}`),
  };
}
