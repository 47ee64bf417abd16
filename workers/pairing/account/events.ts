/** What happened to the account, for its owner to see: the last two hundred things. Of renamings the last one, of each device by each that did it. */
import type { Clock, Sql } from '../../durable/ports.ts';
import type { Actor } from './device-registry.ts';

export type EventKind =
  | 'device_paired'
  | 'device_renamed'
  | 'device_revoked'
  /** A refresh token came that had been used up: somebody has a copy of it. */
  | 'token_reuse'
  /** Somebody who had a token of the device gave it up: the device itself, or whoever found the token. */
  | 'token_revoked'
  | 'claimed'
  /** With another set-up code than before: the former owner is out. */
  | 'claimed_anew'
  | 'signed_in'
  | 'signed_out_everywhere'
  | 'passkey_added'
  | 'passkey_removed'
  /** Its counter went back: somebody may have a copy of the key. */
  | 'passkey_copied'
  | 'recovery_code_used'
  | 'recovery_codes_made';

export interface AccountEvent {
  at: number;
  kind: EventKind;
  deviceId: string | null;
  /** As it was then. */
  deviceName: string | null;
  /** The device that did it; null when it was the owner. */
  byDevice: string | null;
  /** Name of the passkey that it is about, as it was then. */
  passkeyName: string | null;
}

export interface Events {
  record(kind: EventKind, about?: { device?: { id: string; name: string }; by?: Actor; passkey?: string }): void;
  /** The newest first. */
  list(): AccountEvent[];
}

export const maxEvents = 200;

export function createEvents({ sql, clock }: { sql: Sql; clock: Clock }): Events {
  return {
    record(kind, { device, by, passkey } = {}) {
      const byDevice = by?.kind === 'device' ? by.deviceId : null;
      // The one thing that a device may do as often as it likes: it must not push out what else it did.
      if (kind === 'device_renamed')
        sql.all(
          'delete from event where kind = ? and device = ? and by_device is ?',
          kind,
          device?.id ?? null,
          byDevice,
        );
      sql.all(
        'insert into event (at, kind, device, device_name, by_device, passkey_name) values (?, ?, ?, ?, ?, ?)',
        clock.now(),
        kind,
        device?.id ?? null,
        device?.name ?? null,
        byDevice,
        passkey ?? null,
      );
      sql.all('delete from event where id <= (select id from event order by id desc limit 1 offset ?)', maxEvents);
    },
    list: () =>
      sql.all<{
        at: number;
        kind: EventKind;
        deviceId: string | null;
        deviceName: string | null;
        byDevice: string | null;
        passkeyName: string | null;
      }>(
        `select at, kind, device as deviceId, device_name as deviceName, by_device as byDevice,
          passkey_name as passkeyName
          from event order by id desc`,
      ),
  };
}
