/** The methods that are carried out for real; every other method of the Bot API is checked and then declined. */
import { badRequest, conflict } from '../protocol/bot-api-error.ts';
import { answerCallbackQuery } from './answer-callback-query.ts';
import { deleteMyCommands, getMyCommands, setMyCommands } from './bot-commands.ts';
import { sendChatAction, setMessageReaction } from './chat-signs.ts';
import type { Context, Method, Request } from './context.ts';
import { deleteMessage, deleteMessages } from './delete-message.ts';
import { editMessageReplyMarkup, editMessageText } from './edit-message.ts';
import { sendMessage, sendMessageDraft } from './send-message.ts';
import { deleteWebhook, getWebhookInfo, setWebhook } from './set-webhook.ts';

export const methods: Readonly<Record<string, Method>> = {
  getMe: (_: unknown, { me }: Context) => me,
  logOut,
  close,
  setWebhook,
  deleteWebhook,
  getWebhookInfo,
  getUpdates,
  sendMessage,
  sendMessageDraft,
  editMessageText,
  editMessageReplyMarkup,
  deleteMessage,
  deleteMessages,
  sendChatAction,
  setMessageReaction,
  answerCallbackQuery,
  setMyCommands,
  getMyCommands,
  deleteMyCommands,
  getFile,
};

interface GetUpdatesParams {
  offset?: number;
  limit?: number;
  timeout?: number;
  allowed_updates?: string[];
}

function getUpdates(params: GetUpdatesParams, { webhook, queue, longPoll }: Context, { onGone }: Request): unknown {
  if (webhook.settings() !== undefined)
    throw conflict(
      "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  queue.allow(params.allowed_updates);
  return longPoll.get(params, onGone);
}

const maxDownloadBytes = 20 << 20;

function getFile(params: { file_id: string }, { files }: Context): unknown {
  const file = files.byId(params.file_id);
  if (file === undefined) throw badRequest('invalid file_id');
  if (file.size > maxDownloadBytes) throw badRequest('file is too big');
  return { file_id: file.id, file_unique_id: file.uniqueId, file_size: file.size, file_path: file.path };
}

/** The bot leaves this server; what was pending is gone (`clear_tqueue_`). */
function logOut(_: unknown, { session, queue, webhook }: Context): true {
  session.loggedOut = true;
  queue.clear();
  webhook.set(undefined);
  return true;
}

/** The bot's instance ends; the next request starts another. */
function close(_: unknown, { session }: Context): true {
  if (session.closed) throw badRequest('the bot has already been closed');
  session.closed = true;
  return true;
}
