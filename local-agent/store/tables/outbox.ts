/** Answers on their way out: one row an answer, one part a message in the channel. */
import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Address } from '../../core/address.ts';
import type { Button, Content } from '../../core/channel.ts';

export const outbox = sqliteTable('outbox', {
  id: integer().primaryKey({ autoIncrement: true }),
  dedupeKey: text('dedupe_key').notNull().unique(),
  lane: text().notNull(),
  address: text({ mode: 'json' }).$type<Address>().notNull(),
  turnId: integer('turn_id'),
  replyTo: text('reply_to'),
  text: text(),
  buttons: text({ mode: 'json' }).$type<Button[]>().notNull().default([]),
  storedAt: real('stored_at').notNull(),
  finishedAt: real('finished_at'),
  state: text({ enum: ['open', 'sent', 'failed'] }).notNull(),
});
export type OutboxRow = typeof outbox.$inferSelect;

export const outboxPart = sqliteTable(
  'outbox_part',
  {
    outboxId: integer('outbox_id').notNull(),
    part: integer().notNull(),
    content: text({ mode: 'json' }).$type<Content>(),
    state: text({ enum: ['new', 'placing', 'placed', 'sent', 'failed'] }).notNull(),
    messageId: text('message_id'),
    inDoubt: integer('in_doubt').notNull().default(0),
    placedAt: real('placed_at'),
    sentAt: real('sent_at'),
    error: text(),
  },
  (table) => [primaryKey({ columns: [table.outboxId, table.part] })],
);
export type OutboxPartRow = typeof outboxPart.$inferSelect;
