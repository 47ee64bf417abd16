/** The passkeys of the owner: what is kept of each (WebAuthn, section 4), and what a use of one changes. */
import { cleanName } from '../../../shared/pairing/names.ts';
import { PryxError } from '../../../shared/error.ts';
import type { Clock, Sql } from '../../durable/ports.ts';
import type { NewPasskey, PasskeyUse } from './verify-passkey.ts';

export interface PasskeyView {
  id: string;
  name: string;
  createdAt: number;
  lastUsedAt: number | null;
  /** Kept by a password manager or account that carries it to other devices. */
  backedUp: boolean;
  /** A use of it was refused, because somebody else may have the key. */
  copied: boolean;
}

export interface Passkeys {
  list(): PasskeyView[];
  /** What the browser is told, so that an authenticator does not get a second one; unless the first was refused as a copy, and is of no use. */
  known(): { id: string; transports: string[] }[];
  find(id: string): { id: string; publicKey: string; name: string } | undefined;
  /** Throws `conflict` when there are twenty, or when it is there already. */
  add(passkey: NewPasskey, name: string): void;
  /** `copied` when the counter went back, or what may never change did: somebody else may have the key. */
  use(id: string, use: PasskeyUse): 'used' | 'copied';
  /** Throws `not_found`, `bad_request`. */
  rename(id: string, name: string): void;
  /** Throws `not_found`; `conflict` for the last one. Returns its name. */
  remove(id: string): string;
  clear(): void;
}

export const maxPasskeys = 20;

export function createPasskeys({ sql, clock }: { sql: Sql; clock: Clock }): Passkeys {
  const nameOf = (id: string): string => {
    const found = sql.all<{ name: string }>('select name from passkey where id = ?', id)[0];
    if (found === undefined) throw new PryxError('not_found', 'There is no such passkey.');
    return found.name;
  };
  const count = (): number => sql.all<{ n: number }>('select count(*) as n from passkey')[0]?.n ?? 0;

  return {
    list: () =>
      sql
        .all<{
          id: string;
          name: string;
          createdAt: number;
          lastUsedAt: number | null;
          backedUp: number;
          copied: number;
        }>(
          `select id, name, created_at as createdAt, last_used_at as lastUsedAt, backed_up as backedUp, copied
            from passkey order by created_at, id`,
        )
        .map((row) => ({ ...row, backedUp: row.backedUp === 1, copied: row.copied === 1 })),
    known: () =>
      sql
        .all<{ id: string; transports: string }>(
          'select id, transports from passkey where copied = 0 order by created_at, id',
        )
        .map(({ id, transports }) => ({ id, transports: transports === '' ? [] : transports.split(' ') })),
    find: (id) =>
      sql.all<{ id: string; publicKey: string; name: string }>(
        'select id, public_key as publicKey, name from passkey where id = ?',
        id,
      )[0],
    add(passkey, name) {
      if (count() >= maxPasskeys)
        throw new PryxError('conflict', `There are ${maxPasskeys} passkeys already.`, {
          hint: 'Remove one that you no longer use.',
        });
      const added = sql.all(
        `insert into passkey (id, public_key, counter, transports, backup_eligible, backed_up, name, created_at)
          values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing returning id`,
        passkey.id,
        passkey.publicKey,
        passkey.counter,
        passkey.transports.join(' '),
        Number(passkey.backupEligible),
        Number(passkey.backedUp),
        cleanName(name) || 'Passkey',
        clock.now(),
      );
      if (added.length === 0) throw new PryxError('conflict', 'This passkey is there already.');
    },
    use(id, { counter, backupEligible, backedUp }) {
      // Section 7.2, steps 17 to 22. A counter that stays at zero says that the authenticator keeps none.
      const used = sql.all(
        `update passkey set counter = ?, backed_up = ?, last_used_at = ?
          where id = ? and backup_eligible = ? and (counter < ? or max(counter, ?) = 0) returning id`,
        counter,
        Number(backedUp),
        clock.now(),
        id,
        Number(backupEligible),
        counter,
        counter,
      );
      if (used.length === 1) return 'used';
      sql.all('update passkey set copied = 1 where id = ?', id);
      return 'copied';
    },
    rename(id, name) {
      nameOf(id);
      const clean = cleanName(name);
      if (clean === '') throw new PryxError('bad_request', 'A passkey needs a name.');
      sql.all('update passkey set name = ? where id = ?', clean, id);
    },
    remove(id) {
      const name = nameOf(id);
      if (count() === 1)
        throw new PryxError('conflict', 'This is your last passkey: without it you could not sign in.', {
          hint: 'Add another one first.',
        });
      sql.all('delete from passkey where id = ?', id);
      return name;
    },
    clear: () => void sql.all('delete from passkey'),
  };
}
