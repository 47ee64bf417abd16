/** Brings the schema to a version, up or down: one transaction a step, each written down in the table `migration` (decision 010). */
import type Sqlite from 'better-sqlite3';
import { PryxError } from '../../shared/error.ts';
import { isDamage } from './damage.ts';
import type { Migration } from './migrations.ts';

interface Applied {
  number: number;
  name: string;
  up_sha256: string;
  down_sql: string;
}

/** The way back is kept with each step, so that an older program, which never saw the step, can still undo it. */
const ledger = `create table if not exists migration (
  number integer primary key,
  name text not null,
  up_sha256 text not null,
  down_sql text not null,
  applied_at real not null
) strict`;

/** Number of the newest step that was applied; 0 for an empty database. Changes nothing. */
export function schemaVersion(client: Sqlite.Database): number {
  return readLedger(client).at(-1)?.number ?? 0;
}

/** Refuses a database that a newer Pryx wrote (`database_newer`) and one whose steps are not ours (`migration_failed`). Changes nothing. */
export function checkLedger(client: Sqlite.Database, migrations: readonly Migration[]): void {
  const applied = readLedger(client);
  const newest = applied.at(-1)?.number ?? 0;
  if (newest > migrations.length)
    throw new PryxError(
      'database_newer',
      `The database ${client.name} has schema version ${newest}; this Pryx knows ${migrations.length}.`,
      {
        hint: `Upgrade Pryx, or take the database back to version ${migrations.length} with the steps it carries: see "Going back" in docs/storage.md.`,
      },
    );
  for (const step of applied) {
    const known = migrations[step.number - 1];
    if (known === undefined || known.upSha256 !== step.up_sha256)
      throw new PryxError(
        'migration_failed',
        `Step ${step.number} (${step.name}) of the database is not the one that this Pryx has.`,
        { hint: 'Install the release of Pryx that made this database, or a later one. The database was not changed.' },
      );
  }
}

/** Goes up to the newest version. */
export function migrate(client: Sqlite.Database, migrations: readonly Migration[], now: number): void {
  checkLedger(client, migrations);
  migrateTo(client, migrations, migrations.length, now);
}

/** Goes to exactly `target`, up by `migrations` or down by what the ledger holds. A step that fails leaves the one before it in place. */
export function migrateTo(
  client: Sqlite.Database,
  migrations: readonly Migration[],
  target: number,
  now: number,
): void {
  client.exec(ledger);
  let version = schemaVersion(client);
  for (; version < target; version++) {
    const step = migrations[version];
    if (step === undefined) throw new PryxError('migration_failed', `There is no migration ${version + 1}.`);
    runStep(client, `${step.number} (${step.name})`, step.up, () =>
      client
        .prepare('insert into migration (number, name, up_sha256, down_sql, applied_at) values (?, ?, ?, ?, ?)')
        .run(step.number, step.name, step.upSha256, step.down, now),
    );
  }
  for (const step of readLedger(client).toReversed()) {
    if (step.number <= target) break;
    runStep(client, `${step.number} (${step.name}), going back`, step.down_sql, () =>
      client.prepare('delete from migration where number = ?').run(step.number),
    );
  }
}

/**
 * Foreign keys are off while a step runs and checked before it commits, as SQLite advises for changed tables
 * (sqlite.org/lang_altertable.html, section 7): otherwise dropping a table deletes the rows that point to it.
 */
function runStep(client: Sqlite.Database, title: string, sql: string, record: () => void): void {
  client.pragma('foreign_keys = off');
  try {
    client.exec('begin immediate');
    client.exec(sql);
    if (client.prepare('pragma foreign_key_check').get() !== undefined) throw new Error('rows would point nowhere');
    record();
    client.exec('commit');
  } catch (cause) {
    if (client.inTransaction) client.exec('rollback');
    if (isDamage(cause)) throw cause;
    throw new PryxError('migration_failed', `The database step ${title} failed and was undone.`, {
      hint: 'Nothing was lost. Go back to the release that you had, and report this with the lines of `pryx logs`.',
      cause,
    });
  } finally {
    client.pragma('foreign_keys = on');
  }
}

function readLedger(client: Sqlite.Database): Applied[] {
  const exists = client.prepare("select 1 from sqlite_master where type = 'table' and name = 'migration'").get();
  return exists === undefined
    ? []
    : client.prepare<[], Applied>('select number, name, up_sha256, down_sql from migration order by number').all();
}
