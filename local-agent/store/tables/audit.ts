/** What happened that the owner may want to know; ids and codes only. */
import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const audit = sqliteTable('audit', {
  id: integer().primaryKey({ autoIncrement: true }),
  at: real().notNull(),
  event: text().notNull(),
  detail: text({ mode: 'json' }).$type<Record<string, string | number | boolean | null>>().notNull(),
});
