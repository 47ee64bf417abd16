/** An update becomes an `Incoming` (docs/decisions/024): the last place where Telegram is known on the way in. */
import type * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import type { Address } from '../../core/address.ts';
import type { Incoming, IncomingButton, IncomingMessage, Sender } from '../../core/incoming.ts';
import { describeAttachment } from './update/describe-attachment.ts';
import { flattenRichMessage } from './update/flatten-rich-message.ts';
import {
  type CallbackQuery,
  type IncomingEntity,
  type Message,
  type MessageContent,
  type User,
  update,
} from './update/update.ts';

export interface Identity {
  /** Numeric part of the token. */
  botId: string;
  /** Without the `@`; null until Telegram has told it. */
  username(): string | null;
}

export function createReader(me: Identity) {
  const isMe = (user: { id: number } | undefined): boolean => user !== undefined && String(user.id) === me.botId;

  function read(body: Uint8Array): Incoming | undefined {
    const { message, edited_message, callback_query } = parseUpdate(body, update);
    if (message !== undefined) return readMessage(message, false);
    if (edited_message !== undefined) return readMessage(edited_message, true);
    if (callback_query !== undefined) return readButton(callback_query);
    return undefined;
  }

  function readMessage(message: Message, edited: boolean): IncomingMessage | undefined {
    if (!isConversation(message.chat) || isMe(message.from)) return undefined;
    // A live location is edited at every step of whoever shares it: nobody says anything by that.
    if (edited && message.location !== undefined) return undefined;
    const words = textOf(message);
    const attachment = describeAttachment(message);
    // Service messages ("joined the group", "pinned a message") carry neither.
    if (words === '' && attachment === undefined) return undefined;
    const isPrivate = message.chat.type === 'private';
    const command = readCommand(message, words);
    const replyTo = readReply(message);
    const mentioned =
      mentionsMe(message.text ?? '', message.entities) || mentionsMe(message.caption ?? '', message.caption_entities);
    return {
      type: 'message',
      address: addressOf(message),
      sender: senderOf(message),
      audience: isPrivate ? 'private' : 'group',
      addressed: isPrivate || command !== undefined || mentioned || replyTo?.fromPryx === true,
      at: (edited ? (message.edit_date ?? message.date) : message.date) * 1000,
      messageId: String(message.message_id),
      edited,
      text: withoutLeadingMention(words),
      ...(command === undefined ? {} : { command }),
      attachments: attachment === undefined ? [] : [attachment],
      ...(replyTo === undefined ? {} : { replyTo }),
    };
  }

  /** `/name@bot args`. In a group `@other` means another bot; what was forwarded is somebody else's words, and no command. */
  function readCommand(message: Message, words: string): { name: string; args: string } | undefined {
    if (message.forward_origin !== undefined) return undefined;
    const found = /^\/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,32}))?(?:\s+([\s\S]*))?$/.exec(words);
    if (found?.[1] === undefined) return undefined;
    const [, name, bot, args = ''] = found;
    if (bot !== undefined && !isMyName(bot) && !(message.chat.type === 'private' && me.username() === null))
      return undefined;
    return { name: name.toLowerCase(), args: args.trim() };
  }

  function readReply(message: Message): IncomingMessage['replyTo'] {
    const original = message.reply_to_message;
    // Every message of a topic "replies" to the service message that opened it, unless it replies to another.
    const opening = message.is_topic_message === true ? message.message_thread_id : undefined;
    if (original === undefined || original.message_id === opening) return undefined;
    return {
      messageId: String(original.message_id),
      text: message.quote?.text ?? (textOf(original) || (describeAttachment(original)?.description ?? '')),
      fromPryx: isMe(original.from),
    };
  }

  function mentionsMe(words: string, entities: readonly IncomingEntity[]): boolean {
    return entities.some(({ type, offset, length, user }) =>
      type === 'mention' ? isMyName(words.slice(offset + 1, offset + length)) : type === 'text_mention' && isMe(user),
    );
  }

  /** "@my_bot, what time is it?" is said to Pryx, not about it. */
  function withoutLeadingMention(words: string): string {
    const found = /^@([A-Za-z0-9_]{1,32})[,:]?\s+(\S[\s\S]*)$/.exec(words);
    return found?.[1] !== undefined && found[2] !== undefined && isMyName(found[1]) ? found[2] : words;
  }

  const isMyName = (name: string): boolean => name.toLowerCase() === me.username()?.toLowerCase();

  return {
    read,
    /** As the edge makes it: `tg:<bot>:<update_id>`. */
    jobId: (body: Uint8Array): string => `tg:${me.botId}:${parseUpdate(body, updateId).update_id}`,
  };
}

/** The press of a button on our own message. Telegram does not say when it was pressed: `at` is when the message was sent. */
function readButton({ id, from, message, data }: CallbackQuery): IncomingButton | undefined {
  // Without a message it hangs on an inline result, without data it is a game: Pryx sends neither.
  if (message === undefined || !isConversation(message.chat) || data === undefined) return undefined;
  return {
    type: 'button',
    address: addressOf(message),
    sender: { id: String(from.id), name: nameOf(from), bot: from.is_bot },
    audience: message.chat.type === 'private' ? 'private' : 'group',
    addressed: true,
    at: message.date * 1000,
    pressId: id,
    messageId: String(message.message_id),
    data,
  };
}

/** All that is needed to tell updates apart: one that cannot be read further must not hold up the rest. */
const updateId = update.pick({ update_id: true });

function parseUpdate<T>(body: Uint8Array, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new PryxError('bad_request', 'A Telegram update is not JSON.');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new PryxError('bad_request', 'A Telegram update has an unknown form.');
  return parsed.data;
}

/** A channel is none, and its direct messages are answered by topics that Pryx does not keep. */
const isConversation = (chat: Message['chat']): boolean =>
  ['private', 'group', 'supergroup'].includes(chat.type) && chat.is_direct_messages !== true;

const textOf = (message: MessageContent): string =>
  message.text ?? message.caption ?? flattenRichMessage(message.rich_message) ?? '';

/** What `data` of an address of this channel holds. Topics have lanes of their own; a thread that is no topic belongs to its chat. */
export interface TelegramAddress {
  chat: number;
  thread?: number;
}

function addressOf(message: {
  chat: { id: number };
  message_thread_id?: number | undefined;
  is_topic_message?: boolean | undefined;
}): Address {
  const chat = message.chat.id;
  const thread = message.is_topic_message === true ? message.message_thread_id : undefined;
  const data: TelegramAddress = thread === undefined ? { chat } : { chat, thread };
  return { channel: 'telegram', key: thread === undefined ? `${chat}` : `${chat}:${thread}`, data };
}

/** Said on behalf of a chat (an anonymous administrator, a linked channel), `from` holds a stand-in user that many share. */
function senderOf({ from, sender_chat, chat }: Message): Sender {
  if (sender_chat !== undefined)
    return { id: String(sender_chat.id), name: sender_chat.title ?? sender_chat.username ?? 'anonymous', bot: false };
  if (from !== undefined) return { id: String(from.id), name: nameOf(from), bot: from.is_bot };
  return { id: String(chat.id), name: chat.title ?? 'anonymous', bot: false };
}

const nameOf = (user: User): string =>
  [user.first_name, user.last_name].filter(Boolean).join(' ') || user.username || String(user.id);
