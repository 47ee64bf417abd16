/** How often the owner may enter a user code that nobody is waiting with: a guess at somebody's code is not made by machine (RFC 8628, section 5.1). */
import { PryxError } from '../../../shared/error.ts';
import type { Clock, Sql } from '../../durable/ports.ts';

export interface CodeEntries {
  /** Counted before the code is looked up, so that many at once are no way around. Throws `rate_limited`, saying how long to wait. */
  begin(): number;
  takeBack(entry: number): void;
}

const wrongEntries = 5;
const windowMs = 10 * 60 * 1000;

export function createCodeEntries({ sql, clock }: { sql: Sql; clock: Clock }): CodeEntries {
  return {
    begin() {
      const now = clock.now();
      sql.all('delete from code_entry where at <= ?', now - windowMs);
      const entries = sql.all<{ at: number }>('select at from code_entry order by at');
      if (entries.length >= wrongEntries) {
        const minutes = Math.ceil(((entries[0]?.at ?? now) + windowMs - now) / 60_000);
        throw new PryxError('rate_limited', 'Too many codes were entered that nobody is waiting with.', {
          hint: `Wait ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, then enter the code that your device shows.`,
        });
      }
      return sql.all<{ id: number }>('insert into code_entry (at) values (?) returning id', now)[0]?.id ?? 0;
    },
    takeBack: (entry) => void sql.all('delete from code_entry where id = ?', entry),
  };
}
