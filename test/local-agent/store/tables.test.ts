import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { is, Table } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../local-agent/store/database.ts';
import * as auditTables from '../../../local-agent/store/tables/audit.ts';
import * as conversationTables from '../../../local-agent/store/tables/conversation.ts';
import * as identityTables from '../../../local-agent/store/tables/identity.ts';
import * as inboxTables from '../../../local-agent/store/tables/inbox.ts';
import * as memoryTables from '../../../local-agent/store/tables/memory.ts';
import * as outboxTables from '../../../local-agent/store/tables/outbox.ts';

const tables = [auditTables, conversationTables, identityTables, inboxTables, memoryTables, outboxTables].flatMap(
  (file) => Object.values(file).filter((value): value is SQLiteTable => is(value, Table)),
);
const { db } = openDatabase({ path: ':memory:' });

interface ColumnInfo {
  name: string;
  type: string;
  notnull: number;
  pk: number;
  dflt_value: string | null;
}

describe('the tables as the program sees them', () => {
  it('are all the tables there are', () => {
    const inDatabase = db.$client
      .prepare<[], string>(
        "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%' and name <> 'migration'",
      )
      .pluck()
      .all();
    expect(tables.map((table) => getTableConfig(table).name).toSorted()).toEqual(inDatabase.toSorted());
  });

  for (const table of tables) {
    const { name, columns, primaryKeys } = getTableConfig(table);
    it(`have for ${name} the columns, types and keys of the schema`, () => {
      const inDatabase = db.$client.prepare<[string], ColumnInfo>('select * from pragma_table_info(?)').all(name);
      const composite = primaryKeys[0]?.columns.map((column) => column.name) ?? [];
      const isKey = (column: { name: string; primary: boolean }) => column.primary || composite.includes(column.name);
      expect(
        columns.map((column) => ({
          name: column.name,
          type: column.getSQLType(),
          notNull: column.notNull || isKey(column),
          key: isKey(column),
        })),
      ).toEqual(
        inDatabase.map(({ name: column, type, notnull, pk }) => ({
          name: column,
          type: type.toLowerCase(),
          notNull: notnull === 1 || pk > 0,
          key: pk > 0,
        })),
      );
      expect(columns.filter((column) => column.hasDefault && !isKey(column)).map((column) => column.name)).toEqual(
        inDatabase.filter(({ dflt_value }) => dflt_value !== null).map((column) => column.name),
      );
    });
  }
});
