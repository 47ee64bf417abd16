/** What the account needs of the world around it: a Durable Object in workerd, a simulator in tests. */
import type { Alarm, Clock, Random, Sql } from '../../durable/ports.ts';
import type { MarkLabel } from '../../keys/keyring.ts';

/** The mailboxes of the devices. Each call may be repeated, and fails when it is not known to be done. */
export interface Mailboxes {
  admit(device: { deviceId: string; sealingKey: string; origin: string }): Promise<void>;
  revoke(deviceId: string, how: { empty: boolean }): Promise<void>;
}

export interface AccountPorts {
  sql: Sql;
  clock: Clock;
  random: Random;
  alarm: Alarm;
  mailboxes: Mailboxes;
  /** Sixteen bytes of HMAC, as text (workers/keys/keyring.ts). */
  mark(label: MarkLabel, text: string): Promise<string>;
}
