/** What Pryx was told to remember; `memory_text` (FTS5) follows it by triggers. */
import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const memory = sqliteTable('memory', {
  id: integer().primaryKey(),
  text: text().notNull(),
  createdAt: real('created_at').notNull(),
});
export type MemoryRow = typeof memory.$inferSelect;
