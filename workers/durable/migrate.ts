/** The schema of a Durable Object: ordered migrations, each in force once. A version, once released, is never edited: a change is the next one. */
import type { Sql } from './ports.ts';

/** Brings the object's database to the present version. Runs at every start; all but the first time it reads one row. */
export function migrate(sql: Sql, migrations: readonly (readonly string[])[]): void {
  sql.all(
    'create table if not exists schema_version (one integer primary key check (one = 1), version integer not null) strict',
  );
  const version = sql.all<{ version: number }>('select version from schema_version')[0]?.version ?? 0;
  if (version === migrations.length) return;
  // An older Worker over a newer database (a rollback) would misread it: it stays shut, and senders retry.
  if (version > migrations.length)
    throw new Error(`The object has schema ${version}; this Worker knows ${migrations.length}.`);
  sql.transaction(() => {
    for (const statement of migrations.slice(version).flat()) sql.all(statement);
    sql.all(
      'insert into schema_version values (1, ?) on conflict do update set version = excluded.version',
      migrations.length,
    );
  });
}
