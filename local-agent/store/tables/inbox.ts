/** Every job that was acknowledged. */
import { blob, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const inbox = sqliteTable('inbox', {
  id: integer().primaryKey({ autoIncrement: true }),
  jobId: text('job_id').notNull().unique(),
  channel: text().notNull(),
  lane: text().notNull(),
  seq: integer(),
  traceparent: text().notNull(),
  body: blob({ mode: 'buffer' }).notNull(),
  madeAt: real('made_at').notNull(),
  receivedAt: real('received_at').notNull(),
  storedAt: real('stored_at').notNull(),
  state: text({ enum: ['new', 'done', 'ignored', 'failed'] }).notNull(),
  attempts: integer().notNull().default(0),
  finishedAt: real('finished_at'),
  error: text(),
});
export type InboxRow = typeof inbox.$inferSelect;
