/** The account, put together from its parts over its ports: the same in workerd and in a simulator. */
import { migrate } from '../../durable/migrate.ts';
import type { AccountCore } from './account-api.ts';
import { createEvents } from './events.ts';
import { createDeviceKeeper, retryShutMs } from './keep-devices.ts';
import { createMailboxDoors } from './mailbox-doors.ts';
import { createOwner } from './owner.ts';
import type { AccountPorts } from './ports.ts';
import { createProofs } from './proofs.ts';
import { accountMigrations } from './schema.ts';
import { createTokenFamilies } from './token-families.ts';

export interface ComposedAccount {
  core: AccountCore;
  /** The alarm. Never throws. */
  sweep(): Promise<void>;
}

const sweepMs = 60 * 60 * 1000;
const longestRetryMs = 5 * 60 * 1000;

export function createAccount(ports: AccountPorts): ComposedAccount {
  const { sql, clock, random, alarm, mailboxes, mark } = ports;
  migrate(sql, accountMigrations);
  const events = createEvents({ sql, clock });
  const proofs = createProofs({ sql, clock });
  const doors = createMailboxDoors({ sql, mailboxes });
  const devices = createDeviceKeeper({ sql, clock, alarm, events, doors });
  const tokens = createTokenFamilies({ sql, clock, random, devices, doors, proofs });
  const owner = createOwner({ sql, clock, random, mark, events });

  let retryMs = retryShutMs;
  // Whatever woke the object: what an earlier life of it left undone is done now, and nothing is kept for ever.
  alarm.ensure(clock.now() + (doors.pending().length > 0 ? 0 : sweepMs));

  async function sweep(): Promise<void> {
    try {
      proofs.sweep();
      sql.all('delete from redeemed where expires_at <= ?', clock.now());
      const left = await doors.shutPending();
      retryMs = left === 0 ? retryShutMs : Math.min(2 * retryMs, longestRetryMs);
      alarm.ensure(clock.now() + (left === 0 ? sweepMs : retryMs));
    } catch {
      // A handler that throws is retried six times and then never again; this one comes back by itself.
      alarm.ensure(clock.now() + longestRetryMs);
    }
  }

  return {
    core: {
      devices: () => devices.devices(),
      renameDevice: (change) => devices.renameDevice(change),
      revokeDevice: (change) => devices.revokeDevice(change),
      ...tokens,
      ...owner,
    },
    sweep,
  };
}
