/** What was said in a conversation, word for word. */
import { and, desc, eq, lte } from 'drizzle-orm';
import type { ChatMessage } from '../core/language-model.ts';
import type { Db } from '../store/database.ts';
import { type MessageRow, message } from '../store/tables/conversation.ts';

export type NewMessage = Omit<typeof message.$inferInsert, 'id' | 'editedAt'>;

export const appendMessage = (db: Db, values: NewMessage): number =>
  db.insert(message).values(values).returning({ id: message.id }).get().id;

/** The user's message that the channel knows by this id. */
export const findUserMessage = (db: Db, conversationId: number, channelMessageId: string): MessageRow | undefined =>
  db
    .select()
    .from(message)
    .where(
      and(
        eq(message.conversationId, conversationId),
        eq(message.channelMessageId, channelMessageId),
        eq(message.role, 'user'),
      ),
    )
    .get();

export const latestMessage = (db: Db, conversationId: number, role: MessageRow['role']): MessageRow | undefined =>
  db
    .select()
    .from(message)
    .where(and(eq(message.conversationId, conversationId), eq(message.role, role)))
    .orderBy(desc(message.id))
    .limit(1)
    .get();

export const messageOfTurn = (db: Db, turnId: number, role: MessageRow['role']): MessageRow | undefined =>
  db
    .select()
    .from(message)
    .where(and(eq(message.turnId, turnId), eq(message.role, role)))
    .get();

export function editMessage(
  db: Db,
  id: number,
  change: Partial<Pick<MessageRow, 'text' | 'attachments' | 'editedAt' | 'turnId'>>,
): void {
  db.update(message).set(change).where(eq(message.id, id)).run();
}

/** Newest first, at most `limit`. */
export const readBack = (db: Db, conversationId: number, upToId: number, limit: number): MessageRow[] =>
  db
    .select()
    .from(message)
    .where(and(eq(message.conversationId, conversationId), lte(message.id, upToId)))
    .orderBy(desc(message.id))
    .limit(limit)
    .all();

const maxMessages = 200;

/**
 * The conversation up to one message, as a model reads it: that message in any case, and before it whatever fits into `characters`.
 * It begins with the user and the two take turns, since many local models accept nothing else: of several answers to one message
 * (it was edited, or a button was pressed) the last one counts, and messages without an answer in between are read as one.
 */
export function readTranscript(db: Db, conversationId: number, upToId: number, characters: number): ChatMessage[] {
  const newestFirst: ChatMessage[] = [];
  let left = characters;
  for (const row of readBack(db, conversationId, upToId, maxMessages)) {
    const text = wholeText(row);
    left -= text.length;
    if (left < 0 && newestFirst.length > 0) break;
    const newer = newestFirst.at(-1);
    if (newer?.role !== row.role) newestFirst.push({ role: row.role, text });
    else if (row.role === 'user') newer.text = `${text}\n\n${newer.text}`;
  }
  if (newestFirst.at(-1)?.role === 'assistant') newestFirst.pop();
  return newestFirst.toReversed();
}

/** Its words, and what came with them in brackets. */
export const wholeText = (said: Pick<MessageRow, 'text' | 'attachments'>): string =>
  [said.text, ...said.attachments.map(({ description }) => `[${description}]`)]
    .filter((text) => text !== '')
    .join('\n');
