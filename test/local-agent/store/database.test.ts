import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { assertDurable, assertVersion } from '../../../local-agent/store/connect.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { getSetting, setSetting } from '../../../local-agent/store/settings.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { memory } from '../../../local-agent/store/tables/memory.ts';
import { runNode } from './run-node.ts';
import { temporaryFolder } from './temporary-folder.ts';

const now = () => Date.UTC(2026, 10, 20, 17, 18, 0);
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const setAsideRows = (db: ReturnType<typeof openDatabase>['db']) =>
  db.select().from(audit).where(eq(audit.event, 'database.set_aside')).all();

/** A closed database with enough rows that it has pages to lose. */
function makeDatabase(path: string): void {
  const { db, close } = openDatabase({ path, now });
  setSetting(db, 'colour', 'green', now());
  db.insert(memory)
    .values(
      Array.from({ length: 2000 }, (_, index) => ({ text: `fact number ${index} about the garden`, createdAt: now() })),
    )
    .run();
  close();
}

function overwrite(path: string, offset: number, bytes: Buffer): void {
  const content = readFileSync(path);
  bytes.copy(content, offset);
  writeFileSync(path, content);
}

/** First byte of the root page of a table. */
function rootPage(path: string, table: string): number {
  const client = new Sqlite(path, { readonly: true });
  const page = client.prepare<[string], number>('select rootpage from sqlite_master where name = ?').pluck().get(table);
  client.close();
  return ((page ?? 0) - 1) * 4096;
}

describe('a fresh home', () => {
  it('gets a database that only its owner can read', () => {
    const path = join(temporaryFolder(), 'home', 'pryx.db');
    const { close, setAside, version } = openDatabase({ path, now });
    expect(version).toBeGreaterThan(0);
    expect(setAside).toBeNull();
    expect(mode(join(path, '..'))).toBe('700');
    for (const suffix of ['', '-wal', '-shm']) expect(mode(path + suffix)).toBe('600');
    close();
    close();
  });

  it('writes every row to the disk before it says that it is stored', () => {
    const { db, close } = openDatabase({ path: join(temporaryFolder(), 'pryx.db'), now });
    const pragma = (name: string) => db.$client.pragma(name, { simple: true });
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('foreign_keys')).toBe(1);
    expect(pragma('trusted_schema')).toBe(0);
    expect(pragma('busy_timeout')).toBe(1000);
    close();
  });

  it('tightens the mode of a database that others could read', () => {
    const path = join(temporaryFolder(), 'pryx.db');
    writeFileSync(path, '', { mode: 0o644 });
    openDatabase({ path, now }).close();
    expect(mode(path)).toBe('600');
  });
});

describe('a machine that is not safe', () => {
  it('is refused when its SQLite can corrupt a write-ahead log', () => {
    for (const version of ['3.51.2', '3.50.9', '2.9.9', '']) {
      expect(() => assertVersion(version)).toThrow(expect.objectContaining({ code: 'database_unsafe' }));
    }
    for (const version of ['3.51.3', '3.51.10', '3.52.0', '4.0.0']) expect(() => assertVersion(version)).not.toThrow();
  });

  it('is refused when it cannot write durably', () => {
    expect(() => assertDurable('/p', 'wal', 1)).toThrow(expect.objectContaining({ code: 'database_unsafe' }));
    expect(() => assertDurable('/p', 'delete', 2)).toThrow(expect.objectContaining({ code: 'database_unsafe' }));
    expect(() => assertDurable('/p', 'wal', 2)).not.toThrow();
  });

  it('says what to do when the file cannot be opened, and sets nothing aside', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'pryx.db'));
    expect(() => openDatabase({ path: join(folder, 'pryx.db'), now })).toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
    expect(readdirSync(folder)).toEqual(['pryx.db']);
  });

  it('says that another program holds the database', () => {
    const path = join(temporaryFolder(), 'pryx.db');
    makeDatabase(path);
    const other = new Sqlite(path);
    other.pragma('locking_mode = exclusive');
    other.exec('begin exclusive');
    expect(() => openDatabase({ path, now })).toThrow(expect.objectContaining({ code: 'conflict' }));
    other.close();
  });
});

describe('a database of a newer Pryx', () => {
  it('is refused with the way on, and not one byte of it changes', () => {
    const path = join(temporaryFolder(), 'pryx.db');
    makeDatabase(path);
    // Killed, so that the newest rows are only in the write-ahead log: a careless look would move them into the database.
    const child = runNode(`
      import Sqlite from 'better-sqlite3';
      const client = new Sqlite(${JSON.stringify(path)});
      client.exec("insert into migration values (999, 'later', 'x', 'select 1', 1)");
      process.kill(process.pid, 'SIGKILL');
    `);
    expect(child.signal).toBe('SIGKILL');
    const before = [digest(path), digest(`${path}-wal`)];
    expect(() => openDatabase({ path, now })).toThrow(
      expect.objectContaining({ code: 'database_newer', hint: expect.stringContaining('Upgrade Pryx') }),
    );
    expect([digest(path), digest(`${path}-wal`)]).toEqual(before);
  });
});

describe('a damaged database', () => {
  const damages: Record<string, (path: string) => void> = {
    'that is no database at all': (path) => writeFileSync(path, 'not a database, however long it may be. '.repeat(500)),
    'that ends too early': (path) => truncateSync(path, statSync(path).size - 3 * 4096 - 100),
    'with a torn page': (path) => overwrite(path, rootPage(path, 'memory'), Buffer.alloc(4096, 0xa5)),
    'with a torn first page': (path) => overwrite(path, 100, Buffer.alloc(2000, 0xa5)),
  };
  for (const [what, damage] of Object.entries(damages))
    it(`${what} is set aside as it is, and a fresh one takes its place`, () => {
      const folder = temporaryFolder();
      const path = join(folder, 'pryx.db');
      makeDatabase(path);
      damage(path);
      const damaged = digest(path);

      const { db, close, setAside, version } = openDatabase({ path, now });
      expect(setAside).toBe('pryx.db.corrupt-20261120T171800Z');
      expect(digest(join(folder, setAside ?? ''))).toBe(damaged);
      expect(version).toBeGreaterThan(0);
      expect(getSetting(db, 'colour')).toBeUndefined();
      expect(setAsideRows(db)).toMatchObject([{ at: now(), detail: { file: setAside } }]);
      setSetting(db, 'colour', 'blue', now());
      close();

      const again = openDatabase({ path, now });
      expect(again.setAside).toBeNull();
      expect(getSetting(again.db, 'colour')).toBe('blue');
      expect(setAsideRows(again.db)).toHaveLength(1);
      again.close();
    });

  it('keeps what a crash left in its write-ahead log beside it', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pryx.db');
    makeDatabase(path);
    runNode(`
      import Sqlite from 'better-sqlite3';
      const client = new Sqlite(${JSON.stringify(path)});
      client.exec("insert into setting values ('late', 'row', 1)");
      process.kill(process.pid, 'SIGKILL');
    `);
    overwrite(path, rootPage(path, 'memory'), Buffer.alloc(4096, 0xa5));
    const { close, setAside } = openDatabase({ path, now });
    close();
    const old = new Sqlite(join(folder, setAside ?? ''));
    expect(old.prepare("select value from setting where name = 'late'").pluck().get()).toBe('row');
    old.close();
  });

  it('does not overwrite the one that was set aside in the same second', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pryx.db');
    const names = ['one', 'two'].map((text) => {
      writeFileSync(path, `${text} is no database `.repeat(100));
      const { close, setAside } = openDatabase({ path, now });
      close();
      return setAside;
    });
    expect(names).toEqual(['pryx.db.corrupt-20261120T171800Z', 'pryx.db.corrupt-20261120T171800Z-2']);
    for (const name of names) expect(existsSync(join(folder, name ?? ''))).toBe(true);
  });

  it('is noticed while it is in use, and set aside at the next opening', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pryx.db');
    makeDatabase(path);
    const told: unknown[] = [];
    const { db, close } = openDatabase({ path, now, onDamage: (error) => void told.push(error) });
    const offset = rootPage(path, 'memory');
    // From another process: closing a handle here would drop the locks of the open connection.
    runNode(`
      import { openSync, writeSync } from 'node:fs';
      writeSync(openSync(${JSON.stringify(path)}, 'r+'), Buffer.alloc(4096, 0xa5), 0, 4096, ${offset});
    `);
    db.$client.pragma('shrink_memory');
    expect(told).toEqual([]);
    for (let count = 0; count < 2; count++)
      expect(() => db.select().from(memory).all()).toThrow(expect.objectContaining({ code: 'SQLITE_CORRUPT' }));
    expect(told).toMatchObject([{ code: 'SQLITE_CORRUPT' }]);
    close();

    const fresh = openDatabase({ path, now });
    expect(fresh.setAside).toBe('pryx.db.corrupt-20261120T171800Z');
    expect(setAsideRows(fresh.db)).toMatchObject([{ detail: { reason: 'SQLITE_CORRUPT' } }]);
    fresh.close();
  });

  it('is kept when only a full-text index is broken: that is made anew from its table', () => {
    const path = join(temporaryFolder(), 'pryx.db');
    makeDatabase(path);
    const client = new Sqlite(path);
    client.unsafeMode(true);
    client.exec("update memory_text_data set block = x'00' where id > 10");
    client.close();
    const { db, close, setAside } = openDatabase({ path, now });
    expect(setAside).toBeNull();
    const found = db.$client.prepare("select count(*) from memory_text where memory_text match 'garden'").pluck().get();
    expect(found).toBe(2000);
    close();
  });

  it('is looked through within bounds when it is large: small tables at the start, the others when they are read', () => {
    const path = join(temporaryFolder(), 'pryx.db');
    makeDatabase(path);
    const client = new Sqlite(path);
    client.exec(
      `with recursive n (i) as (select 1 union all select i + 1 from n limit 10500)
       insert into audit (at, event, detail) select i, 'job.refused', hex(zeroblob(1700)) from n`,
    );
    client.close();
    // Somewhere in the middle lies nothing but audit.
    overwrite(path, Math.floor(statSync(path).size / 8192) * 4096, Buffer.alloc(4096, 0xa5));
    const large = openDatabase({ path, now });
    expect(large.setAside).toBeNull();
    large.close();
    overwrite(path, rootPage(path, 'memory'), Buffer.alloc(4096, 0xa5));
    const damaged = openDatabase({ path, now });
    expect(damaged.setAside).not.toBeNull();
    damaged.close();
  });
});
