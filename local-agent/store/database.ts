/** The one SQLite file. */
import type Sqlite from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';

/** Queries go through drizzle; `$client` is the better-sqlite3 connection below it. All of it is synchronous. */
export type Db = BetterSQLite3Database<Record<string, never>> & { $client: Sqlite.Database };
