/** Opens and shuts the mailboxes of devices, one thing at a time for each device, and repeats what could not be done. */
import { toPryxError } from '../../../shared/error.ts';
import type { Sql } from '../../durable/ports.ts';
import { logInternal } from '../../guard/log.ts';
import type { Mailboxes } from './ports.ts';

export interface MailboxDoors {
  /** Lets a device in unless `refuse` has a reason, then does `commit`; nobody shuts the mailbox in between. Throws what the mailbox threw, without `commit`. */
  open<T>(
    device: Parameters<Mailboxes['admit']>[0],
    step: { refuse(): Promise<T | undefined>; commit(): T },
  ): Promise<T>;
  /** Does what is noted as pending for this device, if anything is. Never throws: what fails stays noted. */
  shut(deviceId: string): Promise<void>;
  /** The devices whose mailboxes are still to be shut. */
  pending(): string[];
  /** Shuts them. Returns how many could not be. */
  shutPending(): Promise<number>;
}

export function createMailboxDoors({ sql, mailboxes }: { sql: Sql; mailboxes: Mailboxes }): MailboxDoors {
  /** The last thing that is being done for a device. In memory alone: nothing is under way when the object wakes. */
  const turns = new Map<string, Promise<unknown>>();

  async function inTurn<T>(deviceId: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(deviceId) ?? Promise.resolve();
    const mine = before.then(work, work);
    turns.set(deviceId, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(deviceId) === mine) turns.delete(deviceId);
    }
  }

  async function shutNow(deviceId: string): Promise<void> {
    const [pending] = sql.all<{ how: 'empty' | 'keep' }>(
      'select mailbox_pending as how from device where id = ? and mailbox_pending is not null',
      deviceId,
    );
    if (pending === undefined) return;
    await mailboxes.revoke(deviceId, { empty: pending.how === 'empty' });
    // Unless it was to be kept and is now to be emptied.
    sql.all('update device set mailbox_pending = null where id = ? and mailbox_pending = ?', deviceId, pending.how);
  }

  async function shut(deviceId: string): Promise<void> {
    try {
      await inTurn(deviceId, () => shutNow(deviceId));
    } catch (thrown) {
      const error = toPryxError(thrown);
      if (error.code === 'internal') logInternal(error);
    }
  }

  const pending = (): string[] =>
    sql.all<{ id: string }>('select id from device where mailbox_pending is not null').map(({ id }) => id);

  return {
    pending,
    open: (device, { refuse, commit }) =>
      inTurn(device.deviceId, async () => {
        const refusal = await refuse();
        if (refusal !== undefined) return refusal;
        await mailboxes.admit(device);
        return commit();
      }),
    shut,
    async shutPending() {
      await Promise.all(pending().map(shut));
      return pending().length;
    },
  };
}
