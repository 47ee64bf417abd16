/** The hook records of a mailbox: per bot the hash of its secret, and hashes of the users that the device answers. Nothing readable. */
import { base64url } from 'jose';
import type * as z from 'zod';
import type { putTelegramHookRequest } from '../../shared/api/edge.ts';
import { PryxError } from '../../shared/error.ts';
import { digestText, equalBytes } from '../guard/equal-bytes.ts';
import type { Device } from '../mailbox/device.ts';
import type { Clock, Sql } from '../durable/ports.ts';
import type { Sealer } from '../mailbox/ports.ts';

export interface TelegramHooks {
  /** `current` gives the device that asks, and throws when it may not ask any more: it is called again before anything is written. */
  register(current: () => Device, bot: string, request: z.infer<typeof putTelegramHookRequest>): Promise<void>;
  /** Throws `not_found` for a bot that is not registered, `unauthorized` for any secret but its own. */
  checkSecret(bot: string, secret: string | null): Promise<void>;
  answers(device: Device, bot: string, user: number): Promise<boolean>;
  /** True once a chat and outage. */
  tellOnce(device: Device, bot: string, chat: number): Promise<boolean>;
  /** The outage is over. */
  forgetTold(): void;
  /** Nothing is left of any hook. To be called in a transaction. */
  empty(): void;
}

const maxHooks = 16;

export function createTelegramHooks({
  sql,
  clock,
  sealer,
}: {
  sql: Sql;
  clock: Clock;
  sealer: Pick<Sealer, 'mark'>;
}): TelegramHooks {
  const records = new Map<string, HookRecord>();

  async function register(
    current: () => Device,
    bot: string,
    request: z.infer<typeof putTelegramHookRequest>,
  ): Promise<void> {
    const device = current();
    const answered = await Promise.all(request.answered_users.map((user) => markUser(device, bot, user)));
    current();
    const others = sql.all<{ n: number }>('select count(*) as n from telegram_hook where bot <> ?', bot)[0]?.n ?? 0;
    if (others >= maxHooks) throw new PryxError('conflict', `A device may have ${maxHooks} bots at most.`);
    sql.all(
      `insert into telegram_hook values (?, ?, ?, ?) on conflict do update
        set secret_sha256 = excluded.secret_sha256, answered = excluded.answered, changed_at = excluded.changed_at`,
      bot,
      new Uint8Array(base64url.decode(request.secret_sha256)).buffer,
      JSON.stringify(answered),
      clock.now(),
    );
    records.delete(bot);
  }

  function find(bot: string): HookRecord {
    const known = records.get(bot) ?? readHookRecord(sql, bot);
    if (known === undefined) throw new PryxError('not_found', 'There is nothing at this address.');
    records.set(bot, known);
    return known;
  }

  async function checkSecret(bot: string, secret: string | null): Promise<void> {
    const { secretSha256 } = find(bot);
    if (!equalBytes(await digestText(secret ?? ''), secretSha256) || secret === null)
      throw new PryxError('unauthorized', 'The secret token is missing or wrong.');
  }

  const markUser = (device: Device, bot: string, user: number) => sealer.mark('user', `${device.id}:${bot}:${user}`);

  async function answers(device: Device, bot: string, user: number): Promise<boolean> {
    const record = find(bot);
    if (record.recognised.has(user)) return true;
    const answered = record.answered.has(await markUser(device, bot, user));
    if (answered) record.recognised.add(user);
    return answered;
  }

  async function tellOnce(device: Device, bot: string, chat: number): Promise<boolean> {
    const mark = await sealer.mark('chat', `${device.id}:${bot}:${chat}`);
    // Gone, if the mailbox was emptied meanwhile.
    find(bot);
    return sql.all('insert into told values (?) on conflict do nothing returning chat', mark).length > 0;
  }

  return {
    register,
    checkSecret,
    answers,
    tellOnce,
    forgetTold: () => void sql.all('delete from told'),
    empty() {
      sql.all('delete from telegram_hook');
      sql.all('delete from told');
      records.clear();
    },
  };
}

interface HookRecord {
  secretSha256: Uint8Array;
  answered: ReadonlySet<string>;
  /** Users whose mark was found in `answered` since the object woke: in memory alone. */
  recognised: Set<number>;
}

function readHookRecord(sql: Sql, bot: string): HookRecord | undefined {
  const row = sql.all<{ secret: ArrayBuffer; answered: string }>(
    'select secret_sha256 as secret, answered from telegram_hook where bot = ?',
    bot,
  )[0];
  return (
    row && {
      secretSha256: new Uint8Array(row.secret),
      answered: new Set<string>(JSON.parse(row.answered)),
      recognised: new Set(),
    }
  );
}
