/** What people say, edit and delete, and which of it the bot is told. */
import type { Message, MessageEntity, User } from 'grammy/types';
import { unixTime } from '../methods/context.ts';
import { findEntities } from '../text/find-entities.ts';
import type { People, Said, SayOptions } from '../types.ts';
import { describeMedia } from './media.ts';
import { getChat, getUser, type PeopleDeps } from './people-deps.ts';
import { type ChatState, type StoredMessage, threadFields, viewMessage, withoutReply } from './world.ts';

type Speech = Pick<People, 'say' | 'reply' | 'edit' | 'sendMedia' | 'deleteAsUser' | 'messages'>;

export function createSpeech(deps: PeopleDeps): Speech {
  const { world, queue, events, files, now } = deps;

  const speak = (user: number, content: object, options: SayOptions): Said => {
    const from = getUser(deps, user);
    const chat = getChat(deps, options.chat ?? user);
    if (!chat.members.has(user)) throw new Error(`User ${user} is not in chat ${chat.raw.id}.`);
    if (options.thread !== undefined && !chat.topics.has(options.thread))
      throw new Error(`Chat ${chat.raw.id} has no topic ${options.thread}.`);
    if (chat.kind === 'private') chat.botMayWrite = true;
    const repliesTo = options.replyTo === undefined ? undefined : getMessage(chat, options.replyTo).raw;
    const at = now();
    const raw = {
      message_id: world.nextMessageId(chat),
      from,
      chat: chat.raw,
      date: unixTime(at),
      ...threadFields(chat, options.thread, repliesTo),
      ...(repliesTo === undefined ? {} : { reply_to_message: withoutReply(repliesTo) }),
      ...content,
      ...options.fields,
    } as Message;
    const stored = world.store(chat, { raw, from: user, fromBot: false, at });
    events.emit({ type: 'message', message: viewMessage(stored) });
    return { message: raw, updateId: tell('message', chat, from, raw, options) };
  };

  const tell = (kind: string, chat: ChatState, from: User, raw: Message, options: SayOptions): number | null => {
    const isSeen = !from.is_bot && !chat.blocked && (deps.readsAllGroupMessages || isForBot(chat, raw, world.bot));
    return isSeen ? queue.push(kind, raw as unknown as Record<string, unknown>, options.delivery) : null;
  };

  const getMessage = (chat: ChatState, messageId: number): StoredMessage => {
    const stored = world.find(chat, messageId);
    if (stored === undefined) throw new Error(`Chat ${chat.raw.id} has no message ${messageId}.`);
    return stored;
  };

  return {
    say: (user, text, options = {}) => speak(user, textFields(text, options.entities), options),
    reply: (user, replyTo, text, options = {}) =>
      speak(user, textFields(text, options.entities), { ...options, replyTo }),
    sendMedia(user, kind, file = {}, options = {}) {
      const { caption } = file;
      const found = caption === undefined ? [] : findEntities(caption, options.entities ?? []);
      const content = {
        ...describeMedia(kind, file, files, deps.randomDigits),
        ...(caption === undefined ? {} : { caption }),
        ...(found.length === 0 ? {} : { caption_entities: found }),
      };
      return speak(user, content, options);
    },
    edit(user, messageId, text, options = {}) {
      const chat = getChat(deps, options.chat ?? user);
      const stored = getMessage(chat, messageId);
      if (stored.from !== user) throw new Error(`Message ${messageId} is not by user ${user}.`);
      const { entities: _, ...kept } = stored.raw as Message.TextMessage;
      stored.editedAt = now();
      stored.edits += 1;
      const edited = { edit_date: unixTime(stored.editedAt), ...textFields(text, options.entities), ...options.fields };
      stored.raw = { ...kept, ...edited };
      events.emit({ type: 'edit', message: viewMessage(stored) });
      return { message: stored.raw, updateId: tell('edited_message', chat, getUser(deps, user), stored.raw, options) };
    },
    deleteAsUser(user, messageId, options = {}) {
      const stored = getMessage(getChat(deps, options.chat ?? user), messageId);
      stored.deleted = true;
      events.emit({ type: 'delete', message: viewMessage(stored) });
    },
    messages: (chat) => [...getChat(deps, chat).messages.values()].map(viewMessage),
  };
}

function textFields(text: string, given: MessageEntity[] = []): { text: string; entities?: MessageEntity[] } {
  const entities = findEntities(text, given);
  return { text, ...(entities.length === 0 ? {} : { entities }) };
}

/** What a bot in privacy mode sees of a group (https://core.telegram.org/bots/features#privacy-mode). */
function isForBot(chat: ChatState, raw: Message, bot: { id: number; username: string }): boolean {
  if (chat.kind === 'private' || raw.reply_to_message?.from?.id === bot.id) return true;
  const text = raw.text ?? raw.caption ?? '';
  return (raw.entities ?? raw.caption_entities ?? []).some(({ type, offset, length }) => {
    const part = text.slice(offset, offset + length).toLowerCase();
    const addressed = part.endsWith(`@${bot.username.toLowerCase()}`);
    return (type === 'mention' && addressed) || (type === 'bot_command' && (addressed || !part.includes('@')));
  });
}
