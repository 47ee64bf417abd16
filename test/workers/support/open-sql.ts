/** The storage of a Durable Object without a runtime: SQLite in memory. */
import Sqlite from 'better-sqlite3';
import type { Sql } from '../../../workers/durable/ports.ts';

export function openSql(): { sql: Sql; sqlite: Sqlite.Database } {
  const sqlite = new Sqlite(':memory:');
  const prepared = new Map<string, Sqlite.Statement>();
  const sql: Sql = {
    all(query, ...bindings) {
      const statement = prepared.get(query) ?? sqlite.prepare(query);
      prepared.set(query, statement);
      const values = bindings.map((value) => (value instanceof ArrayBuffer ? Buffer.from(value) : value));
      if (statement.reader) return statement.all(...values) as never;
      statement.run(...values);
      return [];
    },
    transaction: (work) => sqlite.transaction(work)(),
  };
  return { sql, sqlite };
}
