/** Opens one connection the way Pryx needs it, and asserts what durability rests on. */
import Sqlite from 'better-sqlite3';
import { PryxError } from '../../shared/error.ts';

/** Before 3.51.3 SQLite can corrupt a WAL database (sqlite.org/wal.html, "the WAL-reset bug"). */
const oldestSafe = [3, 51, 3] as const;

export function connect(path: string): Sqlite.Database {
  const client = new Sqlite(path, { timeout: 1000 });
  try {
    // First, before the file is touched: the library opens it only at the first statement that needs it.
    assertVersion(client.prepare<[], string>('select sqlite_version()').pluck().get() ?? '');
    client.pragma('trusted_schema = off');
    client.pragma('cell_size_check = on');
    client.pragma('foreign_keys = on');
    // KiB, as SQLite reads a negative number.
    client.pragma('cache_size = -8192');
    const mode = client.pragma('journal_mode = wal', { simple: true });
    // better-sqlite3 is built with NORMAL for WAL, with which a committed row can vanish when the power fails.
    client.pragma('synchronous = full');
    // On a Mac fsync leaves the data in the drive's own cache; elsewhere these two do nothing.
    client.pragma('fullfsync = on');
    client.pragma('checkpoint_fullfsync = on');
    client.pragma('journal_size_limit = 67108864');
    assertDurable(path, mode, client.pragma('synchronous', { simple: true }));
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

export function assertVersion(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, least] of oldestSafe.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new PryxError(
        'database_unsafe',
        `SQLite ${version} can damage a database; ${oldestSafe.join('.')} is the first that does not.`,
        {
          hint: 'Run `npm ci` again, so that Pryx gets the better-sqlite3 it was made for.',
        },
      );
  }
}

export function assertDurable(path: string, journalMode: unknown, synchronous: unknown): void {
  if (synchronous !== 2 || (journalMode !== 'wal' && path !== ':memory:'))
    throw new PryxError(
      'database_unsafe',
      `The database ${path} cannot be written durably (journal ${String(journalMode)}, synchronous ${String(synchronous)}).`,
      {
        hint: 'Keep PRYX_HOME on a local disk: network file systems do not hold the write-ahead log.',
      },
    );
}
