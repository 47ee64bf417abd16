/** The one SQLite file: opened, checked, brought to the newest schema; a damaged one is replaced (docs/storage.md). */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { and, eq, sql } from 'drizzle-orm';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { PryxError, codeOf } from '../../shared/error.ts';
import { checkPages } from './check-pages.ts';
import { connect } from './connect.ts';
import { isDamage, watchDamage } from './damage.ts';
import { checkLedger, migrate, schemaVersion } from './migrate.ts';
import { type Migration, readMigrations } from './migrations.ts';
import { migrationsFolder } from './package-root.ts';
import { type SetAsideNote, forgetDamage, moveDamaged, noteDamage } from './set-aside.ts';
import { audit } from './tables/audit.ts';

/** Queries go through drizzle; `$client` is the better-sqlite3 connection below it. All of it is synchronous. */
export type Db = BetterSQLite3Database & { $client: Sqlite.Database };

export interface OpenOptions {
  /** Of the file, or `:memory:`. */
  path: string;
  /** Folder with the numbered SQL; the one that came with Pryx unless a test says otherwise. */
  migrations?: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Told once when a statement finds the file damaged. Close it then and open again: that sets it aside. */
  onDamage?: (error: unknown) => void;
}

export interface OpenDatabase {
  db: Db;
  /** May be called twice. */
  close: () => void;
  /** Where a damaged database was moved to, if that happened at this opening. */
  setAside: string | null;
  /** Number of the newest migration. */
  version: number;
}

/**
 * Throws `database_newer`, `migration_failed`, `database_unsafe`, `conflict` (another program holds it) or `unavailable` (it cannot be
 * read or written), each without having changed the file. A damaged file throws nothing: it is set aside and a fresh one takes its place.
 */
export function openDatabase(options: OpenOptions): OpenDatabase {
  const { path, now = Date.now, onDamage = () => {} } = options;
  const migrations = readMigrations(options.migrations ?? migrationsFolder());
  try {
    const { client, note } =
      path === ':memory:' ? { client: open(path, migrations, now), note: undefined } : openFile(path, migrations, now);
    const db = drizzle({ client });
    if (note !== undefined) tellOfDamage(db, path, note, now());
    watchDamage(client, (error) => {
      try {
        if (path !== ':memory:') noteDamage(path, reasonOf(error), now());
      } finally {
        onDamage(error);
      }
    });
    return {
      db,
      close: () => void client.close(),
      setAside: note === undefined ? null : note.to,
      version: schemaVersion(client),
    };
  } catch (error) {
    throw explain(error, path);
  }
}

function openFile(
  path: string,
  migrations: readonly Migration[],
  now: () => number,
): { client: Sqlite.Database; note: SetAsideNote | undefined } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const note = moveDamaged(path);
  try {
    return { client: open(path, migrations, now), note };
  } catch (error) {
    if (!isDamage(error)) throw error;
    noteDamage(path, reasonOf(error), now());
    return { note: moveDamaged(path), client: open(path, migrations, now) };
  }
}

function open(path: string, migrations: readonly Migration[], now: () => number): Sqlite.Database {
  if (path !== ':memory:') {
    refuseBeforeTouching(path, migrations);
    makePrivate(path);
  }
  const client = connect(path);
  try {
    const faults = checkPages(client);
    if (faults.length > 0) throw Object.assign(new Error(faults[0]), { code: 'SQLITE_CORRUPT' });
    migrate(client, migrations, now());
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Closing a connection that can write moves the log into the database; so a look through one that cannot comes first. */
function refuseBeforeTouching(path: string, migrations: readonly Migration[]): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const client = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 100 });
  try {
    checkLedger(client, migrations);
  } catch (error) {
    if (error instanceof PryxError || isDamage(error)) throw error;
    // A half-written journal cannot be read this way; `migrate` looks again once it is rolled back.
  } finally {
    client.close();
  }
}

/**
 * Only its owner may read it; SQLite gives its companions the same mode. It must not be open yet: closing any handle of a file drops
 * the locks that this process holds on it (sqlite.org/howtocorrupt.html, section 2.2).
 */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** Once, however often the start was cut short between here and the removal of the note. */
function tellOfDamage(db: Db, path: string, note: SetAsideNote, at: number): void {
  const told = and(eq(audit.event, 'database.set_aside'), eq(sql`${audit.detail} ->> '$.file'`, note.to));
  db.transaction((tx) => {
    if (tx.select({ id: audit.id }).from(audit).where(told).get() === undefined)
      tx.insert(audit)
        .values({ at, event: 'database.set_aside', detail: { file: note.to, reason: note.reason } })
        .run();
  });
  forgetDamage(path);
}

const reasonOf = (error: unknown): string => codeOf(error) ?? 'damaged';

function explain(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof PryxError || code === undefined) return error;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new PryxError('conflict', `Another program holds the database ${path}.`, {
      hint: 'Close the program that has it open, then start Pryx again.',
      cause: error,
    });
  return new PryxError('unavailable', `The database ${path} cannot be opened (${code}).`, {
    hint: `Check that ${basename(dirname(path))} belongs to you and can be written, and that the disk is not full.`,
    cause: error,
  });
}
