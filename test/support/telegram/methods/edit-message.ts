/** editMessageText and editMessageReplyMarkup (https://core.telegram.org/bots/api#updating-messages). */
import type { LinkPreviewOptions, Message } from 'grammy/types';
import { badRequest } from '../protocol/bot-api-error.ts';
import { readMessageText } from '../text/message-text.ts';
import { type StoredMessage, viewMessage } from '../world/world.ts';
import { type Context, findMessage, findWritableChat, type Request, unixTime } from './context.ts';
import { readInlineMarkup } from './reply-markup.ts';
import { checkFlood, contentFields, type TextParams } from './send-message.ts';

interface EditParams extends TextParams {
  chat_id?: number | string;
  message_id?: number;
  inline_message_id?: string;
  reply_markup?: Record<string, unknown>;
  link_preview_options?: LinkPreviewOptions;
}

/** Without `reply_markup` the buttons go. */
export function editMessageText(params: EditParams, context: Context, request: Request): Message {
  const content = readMessageText(params, { tooLong: 'MESSAGE_TOO_LONG' });
  const markup = readInlineMarkup(params.reply_markup);
  const stored = findEditable(params, context, request);
  if (stored.raw.text === undefined) throw badRequest('there is no text in the message to edit');
  const { entities: _e, link_preview_options: _l, reply_markup: _m, ...kept } = stored.raw as Message.TextMessage;
  const fields = contentFields(content, params.link_preview_options);
  return replace(stored, { ...kept, ...fields, ...(markup === undefined ? {} : { reply_markup: markup }) }, context);
}

export function editMessageReplyMarkup(params: EditParams, context: Context, request: Request): Message {
  const markup = readInlineMarkup(params.reply_markup);
  const stored = findEditable(params, context, request);
  const { reply_markup: _, ...kept } = stored.raw as Message.TextMessage;
  return replace(stored, { ...kept, ...(markup === undefined ? {} : { reply_markup: markup }) }, context);
}

function findEditable(params: EditParams, context: Context, { call }: Request): StoredMessage {
  if (params.chat_id === undefined && params.message_id === undefined)
    throw badRequest(
      params.inline_message_id === undefined ? 'message identifier is not specified' : 'MESSAGE_ID_INVALID',
    );
  if (params.chat_id === undefined) throw badRequest('chat_id is empty');
  const chat = findWritableChat(context, params.chat_id);
  const stored = findMessage(context, chat, params.message_id ?? 0, 'message to edit');
  if (!stored.fromBot) throw badRequest("message can't be edited");
  if (context.flood.countsEdits()) checkFlood(context, chat, call);
  return stored;
}

function replace(stored: StoredMessage, next: object, context: Context): Message {
  const { edit_date: _, ...before } = stored.raw as Message.TextMessage;
  const { edit_date: __, ...after } = next as Message.TextMessage;
  if (JSON.stringify(visible(before)) === JSON.stringify(visible(after)))
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  stored.editedAt = context.now();
  stored.edits += 1;
  stored.raw = { ...after, edit_date: unixTime(stored.editedAt) };
  context.events.emit({ type: 'edit', message: viewMessage(stored) });
  return stored.raw;
}

/** What a person can tell apart. */
function visible(raw: object): unknown[] {
  const { text, entities, reply_markup } = raw as Message.TextMessage;
  return [text, entities ?? [], reply_markup ?? null];
}
