/** Recovery codes: for the day on which every passkey is lost. Kept as HMAC, so that the table lets nobody in; each works once. */
import { makeCode, readCode } from '../../../shared/pairing/user-code.ts';
import type { AccountPorts } from './ports.ts';

export interface Recovery {
  /** Eight new codes, and what is kept of them. */
  make(): Promise<{ codes: string[]; marks: string[] }>;
  /** In place of those there were. */
  keep(marks: readonly string[]): void;
  /** What a typed code would be kept as; `undefined` when it cannot be one. */
  read(typed: string): Promise<string | undefined>;
  /** Whether it was one of them; it is not any more. */
  spend(mark: string): boolean;
  left(): number;
}

const codes = 8;
/** 20^16, about 2^69: nobody guesses one of eight. */
const codeLength = 16;
const group = 4;

export function createRecovery({ sql, random, mark }: Pick<AccountPorts, 'sql' | 'random' | 'mark'>): Recovery {
  const markOf = (code: string): Promise<string> => mark('recovery', code);
  return {
    async make() {
      const made = Array.from({ length: codes }, () => makeCode(random, codeLength, group));
      return { codes: made, marks: await Promise.all(made.map((code) => markOf(code.replaceAll('-', '')))) };
    },
    keep(marks) {
      sql.all('delete from recovery_code');
      for (const kept of marks) sql.all('insert into recovery_code (mark) values (?)', kept);
    },
    async read(typed) {
      const code = readCode(typed, codeLength);
      return code === undefined ? undefined : markOf(code);
    },
    spend: (spent) => sql.all('delete from recovery_code where mark = ? returning mark', spent).length === 1,
    left: () => sql.all<{ n: number }>('select count(*) as n from recovery_code')[0]?.n ?? 0,
  };
}
