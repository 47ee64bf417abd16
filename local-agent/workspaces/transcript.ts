/** What was said in a conversation, word for word. */
import { and, desc, eq, lte, sql } from 'drizzle-orm';
import type { ChatMessage } from '../core/language-model.ts';
import type { Db } from '../store/database.ts';
import { type MessageRow, message } from '../store/tables/conversation.ts';

export type NewMessage = Omit<MessageRow, 'id' | 'editedAt'>;
type Role = MessageRow['role'];

const { placeholder } = sql;
const maxMessages = 200;

export type Transcript = ReturnType<typeof createTranscript>;

export function createTranscript(db: Db) {
  const insert = db
    .insert(message)
    .values({
      conversationId: placeholder('conversationId'),
      turnId: placeholder('turnId'),
      role: placeholder('role'),
      text: placeholder('text'),
      senderId: placeholder('senderId'),
      senderName: placeholder('senderName'),
      channelMessageId: placeholder('channelMessageId'),
      attachments: placeholder('attachments'),
      at: placeholder('at'),
    })
    .returning({ id: message.id })
    .prepare();
  const inConversation = eq(message.conversationId, placeholder('conversationId'));
  const byChannelId = db
    .select()
    .from(message)
    .where(and(inConversation, eq(message.channelMessageId, placeholder('channelMessageId')), eq(message.role, 'user')))
    .prepare();
  const back = db
    .select()
    .from(message)
    .where(and(inConversation, lte(message.id, placeholder('upToId'))))
    .orderBy(desc(message.id))
    .limit(placeholder('limit'))
    .prepare();

  /** Newest first, at most `limit`. */
  const readBack = (conversationId: number, upToId: number, limit: number): MessageRow[] =>
    back.all({ conversationId, upToId, limit });

  return {
    readBack,

    append: (values: NewMessage): number => insert.get({ ...values }).id,

    /** The user's message that the channel knows by this id. */
    findByChannelId: (conversationId: number, channelMessageId: string): MessageRow | undefined =>
      byChannelId.get({ conversationId, channelMessageId }),

    latest: (conversationId: number, role: Role): MessageRow | undefined =>
      db
        .select()
        .from(message)
        .where(and(eq(message.conversationId, conversationId), eq(message.role, role)))
        .orderBy(desc(message.id))
        .limit(1)
        .get(),

    ofTurn: (turnId: number, role: Role): MessageRow | undefined =>
      db
        .select()
        .from(message)
        .where(and(eq(message.turnId, turnId), eq(message.role, role)))
        .get(),

    edit(id: number, change: Partial<Pick<MessageRow, 'text' | 'attachments' | 'editedAt' | 'turnId'>>): void {
      db.update(message).set(change).where(eq(message.id, id)).run();
    },

    /**
     * The conversation up to one message, as a model reads it: that message in any case, and before it whatever fits into `characters`.
     * It begins with the user and the two take turns, since many local models accept nothing else: of several answers to one message
     * (it was edited, or a button was pressed) the last one counts, and messages without an answer in between are read as one.
     */
    read(conversationId: number, upToId: number, characters: number): ChatMessage[] {
      const newestFirst: ChatMessage[] = [];
      let left = characters;
      for (const row of readBack(conversationId, upToId, maxMessages)) {
        const text = wholeText(row);
        left -= text.length;
        if (left < 0 && newestFirst.length > 0) break;
        const newer = newestFirst.at(-1);
        if (newer?.role !== row.role) newestFirst.push({ role: row.role, text });
        else if (row.role === 'user') newer.text = `${text}\n\n${newer.text}`;
      }
      if (newestFirst.at(-1)?.role === 'assistant') newestFirst.pop();
      return newestFirst.toReversed();
    },
  };
}

/** Its words, and what came with them in brackets. */
const wholeText = (said: MessageRow): string =>
  [said.text, ...said.attachments.map(({ description }) => `[${description}]`)]
    .filter((text) => text !== '')
    .join('\n');
