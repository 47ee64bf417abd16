/** deleteMessage and deleteMessages (https://core.telegram.org/bots/api#deletemessage). */
import { badRequest } from '../protocol/bot-api-error.ts';
import { type ChatState, type StoredMessage, viewMessage } from '../world/world.ts';
import { type Context, findMessage, findWritableChat } from './context.ts';

const maxAgeMs = 48 * 60 * 60 * 1000;

export function deleteMessage(params: { chat_id: number | string; message_id: number }, context: Context): true {
  const chat = findWritableChat(context, params.chat_id);
  const stored = findMessage(context, chat, params.message_id, 'message to delete');
  remove(chat, stored, context);
  return true;
}

/** Those that are not there are passed over. */
export function deleteMessages(params: { chat_id: number | string; message_ids: number[] }, context: Context): true {
  if (params.message_ids.length === 0) throw badRequest('message identifiers are not specified');
  if (params.message_ids.length > 100) throw badRequest('too many message identifiers specified');
  const chat = findWritableChat(context, params.chat_id);
  for (const id of params.message_ids) {
    const stored = context.world.find(chat, id);
    if (stored !== undefined) remove(chat, stored, context);
  }
  return true;
}

/** The bot is no administrator in its groups, so only its own messages may go there; nothing may after two days. */
function remove(chat: ChatState, stored: StoredMessage, context: Context): void {
  const isAllowed = stored.fromBot || chat.kind === 'private';
  if (!isAllowed || context.now() - stored.at > maxAgeMs) throw badRequest("message can't be deleted");
  stored.deleted = true;
  context.events.emit({ type: 'delete', message: viewMessage(stored) });
}
