/** Conversations, what was said in them, and the turns that answered. */
import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Attachment } from '../../core/incoming.ts';

export const conversation = sqliteTable('conversation', {
  id: integer().primaryKey(),
  channel: text().notNull(),
  key: text().notNull(),
  audience: text({ enum: ['private', 'group'] }).notNull(),
  createdAt: real('created_at').notNull(),
});

export const turn = sqliteTable('turn', {
  id: integer().primaryKey(),
  conversationId: integer('conversation_id').notNull(),
  inboxId: integer('inbox_id').notNull().unique(),
  state: text({ enum: ['running', 'done', 'failed'] }).notNull(),
  attempts: integer().notNull().default(1),
  provider: text(),
  model: text(),
  inputTokens: integer('input_tokens'),
  outputTokens: integer('output_tokens'),
  startedAt: real('started_at').notNull(),
  firstTokenAt: real('first_token_at'),
  finishedAt: real('finished_at'),
  error: text(),
});
export type TurnRow = typeof turn.$inferSelect;

export const message = sqliteTable('message', {
  id: integer().primaryKey(),
  conversationId: integer('conversation_id').notNull(),
  turnId: integer('turn_id'),
  role: text({ enum: ['user', 'assistant'] }).notNull(),
  text: text().notNull(),
  senderId: text('sender_id'),
  senderName: text('sender_name'),
  channelMessageId: text('channel_message_id'),
  attachments: text({ mode: 'json' }).$type<Attachment[]>().notNull().default([]),
  at: real().notNull(),
  editedAt: real('edited_at'),
});
export type MessageRow = typeof message.$inferSelect;
