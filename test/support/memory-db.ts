/** A database in memory, migrated as the real one. */
import { readFileSync, readdirSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Db } from '../../local-agent/store/database.ts';

export function memoryDb(path = ':memory:'): Db {
  const sqlite = new Sqlite(path);
  sqlite.pragma('foreign_keys = on');
  const folder = new URL('../../migrations/', import.meta.url);
  if (sqlite.prepare("select 1 from sqlite_master where name = 'inbox'").get() === undefined) {
    for (const name of readdirSync(folder)
      .filter((file) => file.endsWith('.up.sql'))
      .sort()) {
      sqlite.exec(readFileSync(new URL(name, folder), 'utf8'));
    }
  }
  return drizzle({ client: sqlite });
}
