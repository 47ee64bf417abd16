/** Conversations as their owner reads them again: each answer is bounded, and changes nothing. */
import { type SQL, desc, eq, sql } from 'drizzle-orm';
import {
  type ConversationEntry,
  type ConversationResponse,
  type ConversationsResponse,
  type MessageEntry,
  mostCharacters,
  mostConversations,
  mostMessages,
} from '../../shared/api/conversations.ts';
import type { Db } from '../store/database.ts';
import { conversation, message } from '../store/tables/conversation.ts';

export interface ConversationReader {
  list: () => ConversationsResponse;
  /** `undefined` when there is none of this id. */
  read: (id: number) => ConversationResponse | undefined;
}

export function createConversationReader(db: Db): ConversationReader {
  return {
    list() {
      const rows = selectEntries(db)
        .orderBy(desc(lastMessage), desc(conversation.id))
        .limit(mostConversations + 1)
        .all();
      return { conversations: rows.slice(0, mostConversations).map(entryOf), more: rows.length > mostConversations };
    },

    read(id) {
      const found = selectEntries(db).where(eq(conversation.id, id)).get();
      return found && { conversation: entryOf(found), messages: readMessages(db, id) };
    },
  };
}

// By the index of messages in their conversation: the times are not indexed, and follow the ids.
const ofConversation = sql`${message} where ${message.conversationId} = ${conversation.id}`;
const lastMessage: SQL<number | null> = sql`(select max(${message.id}) from ${ofConversation})`;

const selectEntries = (db: Db) =>
  db
    .select({
      id: conversation.id,
      channel: conversation.channel,
      key: conversation.key,
      audience: conversation.audience,
      name: sql<
        string | null
      >`(select ${message.senderName} from ${ofConversation} and ${message.role} = 'user' order by ${message.id} desc limit 1)`,
      lastAt: sql<number | null>`(select ${message.at} from ${ofConversation} order by ${message.id} desc limit 1)`,
      messages: sql<number>`(select count(*) from ${ofConversation})`,
    })
    .from(conversation)
    .$dynamic();

/** In a group whoever spoke last is not its name. */
const entryOf = (row: ConversationEntry): ConversationEntry =>
  row.audience === 'group' ? { ...row, name: null } : row;

function readMessages(db: Db, conversationId: number): MessageEntry[] {
  // Cut by SQLite, so that a huge text is not in memory at all.
  const start = sql<string>`substr(${message.text}, 1, ${mostCharacters})`;
  const rows = db
    .select({
      id: message.id,
      role: message.role,
      sender: message.senderName,
      text: start,
      cut: sql<number>`octet_length(${message.text}) > octet_length(${start})`,
      attachments: message.attachments,
      at: message.at,
      editedAt: message.editedAt,
    })
    .from(message)
    .where(eq(message.conversationId, conversationId))
    .orderBy(desc(message.id))
    .limit(mostMessages)
    .all();
  return rows.toReversed().map((row) => ({
    ...row,
    sender: row.role === 'user' ? row.sender : null,
    cut: row.cut === 1,
    attachments: row.attachments.map(({ description }) => description),
  }));
}
