import { cpSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../local-agent/store/connect.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { checkLedger, migrate, migrateTo, schemaVersion } from '../../../local-agent/store/migrate.ts';
import { type Migration, readMigrations } from '../../../local-agent/store/migrations.ts';
import { migrationsFolder } from '../../../local-agent/store/package-root.ts';
import { killNode } from './run-node.ts';
import { temporaryFolder } from './temporary-folder.ts';

const real = readMigrations(migrationsFolder());

/** A schema as SQLite keeps it, without the statistics and the pages where tables happen to lie. */
const schema = (client: Sqlite.Database) =>
  client
    .prepare("select type, name, tbl_name, sql from sqlite_master where name <> 'migration' order by type, name")
    .all();

function step(number: number, up: string, down: string): Migration {
  return { number, name: `step-${number}`, up, down, upSha256: `${number}:${up}` };
}

/** The real ones, and one of each kind that is to come: a new table, a new column, a table made over. */
const withLater: Migration[] = [
  ...real,
  step(
    real.length + 1,
    'create table note (id integer primary key, memory_id integer references memory (id)) strict; alter table memory add column kind text',
    'alter table memory drop column kind; drop table note',
  ),
  step(
    real.length + 2,
    `create table conversation_new (id integer primary key, channel text not null, key text not null, audience text not null, created_at real not null, title text, unique (channel, key)) strict;
     insert into conversation_new select *, null from conversation;
     drop table conversation;
     alter table conversation_new rename to conversation`,
    `create table conversation_old (id integer primary key, channel text not null, key text not null, audience text not null check (audience in ('private', 'group')), created_at real not null, unique (channel, key)) strict;
     insert into conversation_old select id, channel, key, audience, created_at from conversation;
     drop table conversation;
     alter table conversation_old rename to conversation`,
  ),
];

/** One row in every table of the first schema; in those of the second only at `rowsAt(2)`. */
const rows = `
  insert into device_key values (1, '{}', '{}', 1);
  insert into edge (origin, device_id, pinned_keys, have, pinned_at) values ('https://edge.example', 'device', '[]', 7, 1);
  insert into setting values ('colour', 'green', 1);
  insert into principal values (1, 'telegram', '42', 'Ada', 'owner', 1);
  insert into inbox values (1, 'tg:1:1', 'telegram', 'telegram:42', 1, '00', x'00ff', 1, 2, 3, 'done', 1, 4, null);
  insert into conversation values (1, 'telegram', '42', 'private', 1);
  insert into turn values (1, 1, 1, 'done', 1, 'offline', null, null, null, 1, null, 2, null);
  insert into message values (1, 1, 1, 'user', 'hello', '42', 'Ada', '5', '[]', 1, null);
  insert into memory (id, text, created_at) values (1, 'milk in the fridge', 1);
  insert into outbox values (1, 'turn:1', 'telegram:42', '{}', 1, null, 'hi', '[]', 1, 2, 'sent');
  insert into outbox_part values (1, 0, '{}', 'sent', '6', 0, 1, 2, null);
  insert into audit values (1, 1, 'owner.claimed', '{}');
`;
const rowsAt = (version: number) =>
  version < 2
    ? rows
    : `${rows}
  update edge set statement = 3;
  insert into edge_session values ('https://edge.example', 'https://edge.example/oauth/token', 'r', 'a', 2, 1, 1);
`;
const tables =
  'device_key edge setting principal inbox conversation turn message memory outbox outbox_part audit'.split(' ');
const content = (client: Sqlite.Database) =>
  Object.fromEntries(
    [...tables, ...(schemaVersion(client) < 2 ? [] : ['edge_session'])].map((table) => [
      table,
      client.prepare(`select * from ${table}`).all(),
    ]),
  );

describe('going up, down and up again', () => {
  for (const target of withLater.map(({ number }) => number).slice(1))
    it(`from version ${target} to ${target - 1} and back keeps the schema and every row`, () => {
      const client = connect(':memory:');
      migrateTo(client, withLater, target - 1, 1);
      client.exec(rowsAt(target - 1));
      const [schemaBefore, rowsBefore] = [schema(client), content(client)];
      migrateTo(client, withLater, target, 2);
      const [schemaAfter, rowsAfter] = [schema(client), content(client)];
      expect(schemaAfter).not.toEqual(schemaBefore);
      migrateTo(client, withLater, target - 1, 3);
      expect(content(client)).toEqual(rowsBefore);
      expect(normal(schema(client))).toEqual(normal(schemaBefore));
      migrateTo(client, withLater, target, 4);
      expect(content(client)).toEqual(rowsAfter);
      expect(normal(schema(client))).toEqual(normal(schemaAfter));
      expect(client.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(client.prepare('pragma foreign_key_check').all()).toEqual([]);
      expect(client.pragma('foreign_keys', { simple: true })).toBe(1);
    });

  it('all the way down leaves nothing but the ledger, and the way up is the same again', () => {
    const client = connect(':memory:');
    migrate(client, real, 1);
    client.exec(rowsAt(real.length));
    const before = schema(client);
    migrateTo(client, real, 0, 2);
    expect(schema(client).filter((item) => !isInternal(item))).toEqual([]);
    expect(schemaVersion(client)).toBe(0);
    migrate(client, real, 3);
    expect(schema(client)).toEqual(before);
    client.exec(rows);
    expect(client.prepare("select count(*) from memory_text where memory_text match 'fridge'").pluck().get()).toBe(1);
  });
});

/** SQLite spells a table out anew when it is renamed or loses a column; what it says is compared, not how. */
const normal = (items: unknown[]) =>
  items.map((item) =>
    JSON.stringify(item)
      .replace(/\\n|\s+|\\"/g, '')
      .toLowerCase(),
  );
const isInternal = (item: unknown) => JSON.stringify(item).includes('"sqlite_sequence"');

describe('an older program', () => {
  it('can take a newer database back with the steps that the database carries', () => {
    const client = connect(':memory:');
    migrate(client, withLater, 1);
    expect(() => migrate(client, real, 2)).toThrow(expect.objectContaining({ code: 'database_newer' }));
    migrateTo(client, real, real.length, 3);
    expect(() => checkLedger(client, real)).not.toThrow();
    const fresh = connect(':memory:');
    migrate(fresh, real, 1);
    expect(normal(schema(client))).toEqual(normal(schema(fresh)));
  });
});

describe('a step', () => {
  it('that was changed after it was applied is refused, and nothing is done', () => {
    const client = connect(':memory:');
    migrate(client, real, 1);
    const changed = real.map((migration) => ({ ...migration, upSha256: 'another' }));
    expect(() => migrate(client, [...changed, ...withLater.slice(real.length)], 2)).toThrow(
      expect.objectContaining({ code: 'migration_failed' }),
    );
    expect(schemaVersion(client)).toBe(real.length);
  });

  it('that fails is undone whole', () => {
    const client = connect(':memory:');
    migrate(client, real, 1);
    const before = schema(client);
    const broken = step(
      real.length + 1,
      'create table half (id integer); drop table memory; select no_such_function()',
      'select 1',
    );
    expect(() => migrate(client, [...real, broken], 2)).toThrow(expect.objectContaining({ code: 'migration_failed' }));
    expect(schema(client)).toEqual(before);
    expect(schemaVersion(client)).toBe(real.length);
    expect(client.inTransaction).toBe(false);
  });

  it('that would leave a row pointing nowhere is undone', () => {
    const client = connect(':memory:');
    migrate(client, real, 1);
    client.exec(rows);
    const careless = step(real.length + 1, 'delete from conversation', 'select 1');
    expect(() => migrate(client, [...real, careless], 2)).toThrow(
      expect.objectContaining({ code: 'migration_failed' }),
    );
    expect(client.prepare('select count(*) from conversation').pluck().get()).toBe(1);
  });

  it('cut off by kill -9 leaves a database that opens, at the version before, with its rows', async () => {
    const path = join(temporaryFolder(), 'pryx.db');
    const { db, close } = openDatabase({ path });
    db.$client.exec(rows);
    close();
    // Longer than any test waits, and writing all the time.
    const endless =
      'create table big as with recursive n (i) as (select 1 union all select i + 1 from n limit 100000000) select i, randomblob(500) from n';
    await killNode(
      `
      import Sqlite from 'better-sqlite3';
      import { migrateTo } from '../../../local-agent/store/migrate.ts';
      const client = new Sqlite(${JSON.stringify(path)});
      client.pragma('cache_size = 10');
      migrateTo(client, ${JSON.stringify([...real, step(real.length + 1, endless, 'drop table big')])}, ${real.length + 1}, 1);
      `,
      () => existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 2_000_000,
    );
    const again = openDatabase({ path });
    expect(again).toMatchObject({ version: real.length, setAside: null });
    expect(content(again.db.$client)).toMatchObject({ setting: [{ value: 'green' }], memory: [{ id: 1 }] });
    expect(schema(again.db.$client).some((item) => JSON.stringify(item).includes('"big"'))).toBe(false);
    again.close();
  });
});

describe('the folder of migrations', () => {
  it('must have a way back for each step, and no gap', () => {
    for (const [from, to] of [
      ['0001-initial.up.sql', '0003-late.up.sql'],
      ['0001-initial.up.sql', '0004-gap.up.sql'],
    ] as const) {
      const folder = temporaryFolder();
      cpSync(migrationsFolder(), folder, { recursive: true });
      for (const file of readdirSync(folder)) if (!/^000[12]/.test(file)) throw new Error('adapt this test');
      writeFileSync(join(folder, to), readFileSync(join(folder, from)));
      if (to.startsWith('0004')) writeFileSync(join(folder, '0004-gap.down.sql'), 'select 1');
      expect(() => readMigrations(folder)).toThrow(expect.objectContaining({ code: 'migration_failed' }));
    }
  });
});
