/** sendMessage and sendMessageDraft (https://core.telegram.org/bots/api#sendmessage). */
import type { LinkPreviewOptions, Message, MessageEntity, ReplyParameters } from 'grammy/types';
import { badRequest, tooManyRequests } from '../protocol/bot-api-error.ts';
import { type MessageText, readMessageText } from '../text/message-text.ts';
import { type ChatState, threadFields, viewMessage, withoutReply } from '../world/world.ts';
import { checkThread, type Context, findChat, findWritableChat, type Request, unixTime } from './context.ts';
import { readReplyMarkup } from './reply-markup.ts';

export interface TextParams {
  text?: string;
  parse_mode?: string;
  entities?: MessageEntity[];
}

interface SendMessageParams extends TextParams {
  chat_id: number | string;
  message_thread_id?: number;
  reply_parameters?: ReplyParameters;
  reply_markup?: Record<string, unknown>;
  link_preview_options?: LinkPreviewOptions;
  protect_content?: boolean;
}

export function sendMessage(params: SendMessageParams, context: Context, { call }: Request): Message {
  const content = readMessageText(params, { tooLong: 'message is too long' });
  const markup = readReplyMarkup(params.reply_markup);
  const chat = findWritableChat(context, params.chat_id);
  checkThread(chat, params.message_thread_id);
  const repliesTo = findReplied(context, chat, params.reply_parameters);
  checkFlood(context, chat, call);

  const { world, events, now } = context;
  const at = now();
  const raw = {
    message_id: world.nextMessageId(chat),
    from: world.bot,
    chat: chat.raw,
    date: unixTime(at),
    ...threadFields(chat, params.message_thread_id, repliesTo),
    ...(repliesTo === undefined ? {} : { reply_to_message: withoutReply(repliesTo) }),
    ...contentFields(content, params.link_preview_options),
    ...(markup === undefined ? {} : { reply_markup: markup }),
    ...(params.protect_content === true ? { has_protected_content: true } : {}),
  } as Message;
  const stored = world.store(chat, { raw, from: world.bot.id, fromBot: true, at });
  events.emit({ type: 'message', message: viewMessage(stored) });
  return raw;
}

export function contentFields(
  { text, entities }: MessageText,
  preview: LinkPreviewOptions | undefined,
): Partial<Message> {
  return {
    text,
    ...(entities.length === 0 ? {} : { entities }),
    ...(preview === undefined ? {} : { link_preview_options: preview }),
  };
}

/** A message that is not there is no reply at all when `allow_sending_without_reply` says so. */
function findReplied(context: Context, chat: ChatState, reply: ReplyParameters | undefined): Message | undefined {
  if (reply === undefined || !('message_id' in reply)) return undefined;
  const where = reply.chat_id === undefined ? chat : findChat(context, reply.chat_id);
  const found = context.world.find(where, reply.message_id);
  if (found === undefined && reply.allow_sending_without_reply !== true)
    throw badRequest('message to be replied not found');
  return found?.raw;
}

export function checkFlood(context: Context, chat: ChatState, call: Request['call']): void {
  const broken = context.flood.count(chat.raw.id);
  if (broken === undefined) return;
  context.violation('flood', call, `${broken.limit}, chat ${chat.raw.id}`);
  if (context.flood.enforced()) throw tooManyRequests(broken.retryAfter);
}

interface DraftParams extends TextParams {
  chat_id: number | string;
  draft_id: number;
  message_thread_id?: number;
}

/** A draft is shown for 30 seconds and kept nowhere; only private chats have it. */
export function sendMessageDraft(params: DraftParams, context: Context): true {
  const { text } = readMessageText(params, { tooLong: 'MESSAGE_TOO_LONG', allowEmpty: true });
  const chat = findWritableChat(context, params.chat_id);
  if (chat.kind !== 'private') throw badRequest('TEXTDRAFT_PEER_INVALID');
  if (params.draft_id === 0) throw badRequest('RANDOM_ID_INVALID');
  checkThread(chat, params.message_thread_id);
  const thread = params.message_thread_id ?? null;
  context.events.emit({ type: 'draft', chat: chat.raw.id, thread, draftId: params.draft_id, text });
  return true;
}
