/** Looks for torn pages when the database is opened, within bounds: a large file must not hold up the start (decision 011). */
import type Sqlite from 'better-sqlite3';

/** Up to here the whole file is checked: a millisecond per megabyte when it is in the page cache. */
const wholeFileBytes = 32 * 1024 * 1024;
/** In a larger one, tables of up to so many rows; what is not seen here shows as SQLITE_CORRUPT when it is read (`watchDamage`). */
const smallTableRows = 10_000;

/** What is wrong with the file, in SQLite's words; empty when nothing was found. Throws SQLITE_CORRUPT or SQLITE_NOTADB for the worst. */
export function checkPages(client: Sqlite.Database): string[] {
  const bytes =
    Number(client.pragma('page_count', { simple: true })) * Number(client.pragma('page_size', { simple: true }));
  const faults =
    bytes <= wholeFileBytes ? quickCheck(client) : smallTables(client).flatMap((name) => quickCheck(client, name));
  return faults.length > 0 && faults.every(isIndexFault) && rebuildFullText(client) ? quickCheck(client) : faults;
}

function quickCheck(client: Sqlite.Database, table?: string): string[] {
  const argument = table === undefined ? '10' : `"${table}"`;
  const lines = client.prepare<[], string>(`pragma quick_check(${argument})`).pluck().all();
  return lines.filter((line) => line !== 'ok');
}

/** Tables with a rowid whose range is small: two walks down the tree each. Asked for together, SQLite would read the whole table. */
function smallTables(client: Sqlite.Database): string[] {
  const tables = client
    .prepare<[], { name: string; wr: number }>(
      "select name, wr from pragma_table_list where schema = 'main' and type = 'table'",
    )
    .all();
  return tables
    .filter(({ name, wr }) => {
      if (wr === 1) return false;
      const range = client
        .prepare<[], { rows: number | null }>(
          `select (select max(rowid) from "${name}") - (select min(rowid) from "${name}") as rows`,
        )
        .get();
      return (range?.rows ?? 0) <= smallTableRows;
    })
    .map(({ name }) => name);
}

/** A full-text index is made from its table: it is rebuilt, and never a reason to give up what the file holds. */
const isIndexFault = (line: string): boolean => /\bfts5\b/i.test(line);

function rebuildFullText(client: Sqlite.Database): boolean {
  const indexes = client
    .prepare<[], string>(
      "select name from sqlite_master where type = 'table' and sql like 'create virtual table%using fts5%'",
    )
    .pluck()
    .all();
  for (const name of indexes) client.exec(`insert into "${name}" ("${name}") values ('rebuild')`);
  return indexes.length > 0;
}
