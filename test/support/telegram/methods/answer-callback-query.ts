/** answerCallbackQuery (https://core.telegram.org/bots/api#answercallbackquery). */
import { badRequest } from '../protocol/bot-api-error.ts';
import type { Context } from './context.ts';

interface Params {
  callback_query_id: string;
  text?: string;
  show_alert?: boolean;
  url?: string;
}

const maxTextLength = 200;

export function answerCallbackQuery(params: Params, { callbackQueries, events, now }: Context): true {
  const query = callbackQueries.get(params.callback_query_id);
  if (query === undefined || query.answered || query.expiresAt <= now())
    throw badRequest('query is too old and response timeout expired or query ID is invalid');
  if ((params.text?.length ?? 0) > maxTextLength) throw badRequest('MESSAGE_TOO_LONG');
  query.answered = true;
  events.emit({
    type: 'callback_answer',
    callbackQueryId: params.callback_query_id,
    text: params.text ?? null,
    showAlert: params.show_alert ?? false,
    url: params.url ?? null,
  });
  return true;
}
