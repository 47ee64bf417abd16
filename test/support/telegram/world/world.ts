/** Who there is and what was said: users, chats, topics, messages. Plain state, no protocol. */
import type { Chat, Message, User } from 'grammy/types';
import type { ChatId, SeenMessage, UserId } from '../types.ts';

export interface StoredMessage {
  /** As the Bot API shows it now; replaced, never changed. */
  raw: Message;
  from: UserId;
  fromBot: boolean;
  edits: number;
  deleted: boolean;
  at: number;
  editedAt: number | null;
}

export interface ChatState {
  /** As it stands in a message. */
  raw: Chat;
  kind: 'private' | 'group' | 'supergroup';
  /** Private: the person has said something, or opened the chat. Groups: the bot is in. */
  botMayWrite: boolean;
  /** Private: the person has blocked the bot. Groups: it was thrown out. */
  blocked: boolean;
  members: Set<UserId>;
  /** Oldest first. */
  messages: Map<number, StoredMessage>;
  topics: Map<number, string>;
  forum: boolean;
  lastId: number;
}

export interface World {
  readonly bot: User & { username: string };
  users: Map<UserId, User>;
  chats: Map<ChatId, ChatState>;
  addUser(user: User): ChatState;
  addGroup(kind: 'group' | 'supergroup', raw: Chat, members: Iterable<UserId>): ChatState;
  /** Sequential per bot in private chats and basic groups, per chat in supergroups. */
  nextMessageId(chat: ChatState): number;
  /** This id was given elsewhere; later ones are higher. */
  reserveMessageId(chat: ChatState, id: number): void;
  store(chat: ChatState, message: Omit<StoredMessage, 'edits' | 'deleted' | 'editedAt'>): StoredMessage;
  find(chat: ChatState, messageId: number): StoredMessage | undefined;
}

export function createWorld(bot: User & { username: string }, lastMessageId = 0): World {
  const users = new Map<UserId, User>();
  const chats = new Map<ChatId, ChatState>();
  let lastId = lastMessageId;

  const addChat = (kind: ChatState['kind'], raw: Chat, members: Iterable<UserId>, botMayWrite: boolean): ChatState => {
    const chat: ChatState = {
      raw,
      kind,
      botMayWrite,
      blocked: false,
      members: new Set(members),
      messages: new Map(),
      topics: new Map(),
      forum: raw.type === 'supergroup' && raw.is_forum === true,
      lastId: 0,
    };
    chats.set(raw.id, chat);
    return chat;
  };

  return {
    bot,
    users,
    chats,
    addUser(user) {
      users.set(user.id, user);
      const { id, first_name, last_name, username } = user;
      const names = {
        ...(last_name === undefined ? {} : { last_name }),
        ...(username === undefined ? {} : { username }),
      };
      return addChat('private', { id, type: 'private', first_name, ...names }, [id], false);
    },
    addGroup: (kind, raw, members) => addChat(kind, raw, members, true),
    nextMessageId(chat) {
      if (chat.kind === 'supergroup') return ++chat.lastId;
      return ++lastId;
    },
    reserveMessageId(chat, id) {
      if (chat.kind === 'supergroup') chat.lastId = Math.max(chat.lastId, id);
      else lastId = Math.max(lastId, id);
    },
    store(chat, message) {
      const stored = { ...message, edits: 0, deleted: false, editedAt: null };
      chat.messages.set(message.raw.message_id, stored);
      return stored;
    },
    find(chat, messageId) {
      const found = chat.messages.get(messageId);
      return found?.deleted === false ? found : undefined;
    },
  };
}

export function viewMessage(stored: StoredMessage): SeenMessage {
  const { raw } = stored;
  return {
    id: raw.message_id,
    chat: raw.chat.id,
    from: stored.from,
    fromBot: stored.fromBot,
    text: raw.text ?? raw.caption ?? '',
    entities: raw.entities ?? raw.caption_entities ?? [],
    replyMarkup: raw.reply_markup ?? null,
    replyTo: raw.reply_to_message?.message_id ?? null,
    thread: raw.message_thread_id ?? null,
    edits: stored.edits,
    deleted: stored.deleted,
    at: stored.at,
    editedAt: stored.editedAt,
    raw,
  };
}

/** What a reply carries of the message it answers: everything but what that one answered. */
export function withoutReply(raw: Message): Message {
  const { reply_to_message: _, ...rest } = raw as Message & { reply_to_message?: Message };
  return rest;
}

/** `message_thread_id` and its like for a new message: the topic, or in other supergroups the root of the replies. */
export function threadFields(
  chat: ChatState,
  thread: number | undefined,
  repliesTo: Message | undefined,
): Partial<Message> {
  const topic = thread ?? (chat.forum ? repliesTo?.message_thread_id : undefined);
  if (chat.forum || chat.kind === 'private')
    return topic === undefined ? {} : { message_thread_id: topic, is_topic_message: true };
  if (chat.kind !== 'supergroup' || repliesTo === undefined) return {};
  return { message_thread_id: repliesTo.message_thread_id ?? repliesTo.message_id };
}
