/** `GET /conversations` and `GET /conversations/:id` of the daemon: what `pryx sessions --json` prints. Nothing here changes anything. */
import * as z from 'zod';

/** As many as one answer holds. */
export const mostConversations = 100;
export const mostMessages = 200;
/** Of one message. */
export const mostCharacters = 16_384;

/** Milliseconds since the epoch. */
const time = z.number();

export const conversationEntry = z.object({
  id: z.int(),
  channel: z.string(),
  /** Unique within the channel. */
  key: z.string(),
  audience: z.enum(['private', 'group']),
  /** Whom Pryx speaks with; null in a group, and where the channel gave no name. */
  name: z.string().nullable(),
  /** Of its last message; null while there is none. */
  lastAt: time.nullable(),
  messages: z.int(),
});
export type ConversationEntry = z.infer<typeof conversationEntry>;

/** The one in which something was said last comes first. */
export const conversationsResponse = z.object({
  conversations: z.array(conversationEntry),
  /** There are others, which are not in this answer. */
  more: z.boolean(),
});
export type ConversationsResponse = z.infer<typeof conversationsResponse>;

export const messageEntry = z.object({
  id: z.int(),
  role: z.enum(['user', 'assistant']),
  /** Who wrote it, as the channel has it; null for Pryx. */
  sender: z.string().nullable(),
  text: z.string(),
  /** The text goes on: it is longer than `mostCharacters`. */
  cut: z.boolean(),
  /** One line each. */
  attachments: z.array(z.string()),
  at: time,
  editedAt: time.nullable(),
});
export type MessageEntry = z.infer<typeof messageEntry>;

export const conversationResponse = z.object({
  conversation: conversationEntry,
  /** The last ones, oldest first. */
  messages: z.array(messageEntry),
});
export type ConversationResponse = z.infer<typeof conversationResponse>;
