/** The owner's devices: who is paired, under which name, and how one is put out. */
import { PryxError } from '../../../shared/error.ts';
import type { Alarm, Clock, Sql } from '../../durable/ports.ts';
import { type Actor, type DeviceRegistry, type RegisteredDevice, keepsMessages } from './device-registry.ts';
import type { Events } from './events.ts';
import type { MailboxDoors } from './mailbox-doors.ts';

type RevokedBecause = NonNullable<RegisteredDevice['revokedBecause']>;

export interface DeviceKeeper extends DeviceRegistry {
  find(deviceId: string): RegisteredDevice | undefined;
  /** Whether another device may be let in; those that are revoked make way. */
  hasRoomFor(deviceId: string): boolean;
  /** Inside a transaction: paired from now on, under this name, whatever it was before. */
  pair(device: Pick<RegisteredDevice, 'deviceId' | 'name' | 'platform'>): void;
  /** Ends the tokens in one transaction with the note of what is left to do; then shuts the mailbox, which is repeated until it is done. */
  revoke(device: { id: string; because: RevokedBecause; by?: Actor }): Promise<void>;
}

const maxDevices = 64;
/** When the alarm sees to a mailbox that could not be shut. */
export const retryShutMs = 5000;

const columns = `id as deviceId, name, platform, state, revoked_because as revokedBecause,
  paired_at as pairedAt, revoked_at as revokedAt`;

type Row = Pick<RegisteredDevice, keyof RegisteredDevice>;

export function createDeviceKeeper(parts: {
  sql: Sql;
  clock: Clock;
  alarm: Alarm;
  events: Events;
  doors: MailboxDoors;
}): DeviceKeeper {
  const { sql, clock, alarm, events, doors } = parts;

  const find = (deviceId: string): RegisteredDevice | undefined =>
    sql.all<Row>(`select ${columns} from device where id = ?`, deviceId)[0];

  function mustFind(deviceId: string): RegisteredDevice {
    const device = find(deviceId);
    if (device === undefined) throw new PryxError('not_found', 'There is no such device.');
    return device;
  }

  /** The mailbox has let it in; but that may be the very one that could not be shut yet. */
  function mustBePaired(by: Actor): void {
    if (by.kind === 'owner') return;
    const actor = find(by.deviceId);
    if (actor?.state === 'paired') return;
    const hint = 'Pair it again: `pryx pair`.';
    throw actor === undefined
      ? new PryxError('not_paired', 'This edge does not know this device.', { hint })
      : new PryxError('revoked', 'This device was revoked at this edge.', { hint });
  }

  /** Revoked ones whose mailbox is shut: nothing is left to be done for them. */
  const removable = "state = 'revoked' and mailbox_pending is null";
  const count = (where: string): number =>
    sql.all<{ n: number }>(`select count(*) as n from device where ${where}`)[0]?.n ?? 0;

  async function revoke({ id, because, by }: { id: string; because: RevokedBecause; by?: Actor }): Promise<void> {
    // Before anything is written: whatever is cut short from here on is seen to.
    alarm.ensure(clock.now() + retryShutMs);
    sql.transaction(() => {
      // One that was shut with its messages kept: its owner may still say that they are to go.
      const changed = sql.all(
        `update device set state = 'revoked', revoked_because = ?, revoked_at = ?, mailbox_pending = ?
          where id = ? and (state = 'paired' or (revoked_because in ('token_reuse', 'token_revoked') and ? = 'owner')) returning id`,
        because,
        clock.now(),
        keepsMessages(because) ? 'keep' : 'empty',
        id,
        because,
      );
      if (changed.length === 0) return;
      sql.all('delete from token_family where device = ?', id);
      events.record(because === 'owner' || because === 'device' ? 'device_revoked' : because, {
        device: { id, name: mustFind(id).name },
        ...(by === undefined ? {} : { by }),
      });
    });
    await doors.shut(id);
  }

  return {
    find,
    revoke,
    devices: () => sql.all<Row>(`select ${columns} from device order by paired_at desc, id`),
    renameDevice({ deviceId, name, by }) {
      mustBePaired(by);
      const device = mustFind(deviceId);
      if (device.name === name) return;
      sql.transaction(() => {
        sql.all('update device set name = ? where id = ?', name, deviceId);
        events.record('device_renamed', { device: { id: deviceId, name }, by });
      });
    },
    async revokeDevice({ deviceId, by }) {
      mustBePaired(by);
      mustFind(deviceId);
      const itself = by.kind === 'device' && by.deviceId === deviceId;
      await revoke({ id: deviceId, because: itself ? 'device' : 'owner', by });
    },
    hasRoomFor: (deviceId) => find(deviceId) !== undefined || count(`not (${removable})`) < maxDevices,
    pair({ deviceId, name, platform }) {
      if (find(deviceId) === undefined && count('true') >= maxDevices)
        sql.all(
          `delete from device where id in (select id from device where ${removable} order by revoked_at limit ?)`,
          count('true') - maxDevices + 1,
        );
      sql.all(
        `insert into device values (?, ?, ?, 'paired', null, ?, null, null) on conflict do update
          set name = excluded.name, platform = excluded.platform, state = 'paired', revoked_because = null,
            paired_at = excluded.paired_at, revoked_at = null, mailbox_pending = null`,
        deviceId,
        name,
        platform,
        clock.now(),
      );
      events.record('device_paired', { device: { id: deviceId, name } });
    },
  };
}
