/** Keyboards: what the table cannot say about them (ReplyMarkup.cpp of TDLib, and what Telegram's servers refuse). */
import type { InlineKeyboardMarkup } from 'grammy/types';
import { badRequest } from '../protocol/bot-api-error.ts';

const maxCallbackBytes = 64;
const maxButtons = 100;
const actions = [
  'url',
  'callback_data',
  'web_app',
  'login_url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat',
  'copy_text',
  'callback_game',
  'pay',
];

/** Any markup is taken; an inline keyboard is what a message keeps. Throws BotApiError. */
export function readReplyMarkup(markup: Record<string, unknown> | undefined): InlineKeyboardMarkup | undefined {
  if (markup === undefined || !('inline_keyboard' in markup)) return undefined;
  const { inline_keyboard: rows } = markup as unknown as InlineKeyboardMarkup;
  const buttons = rows.flat();
  if (buttons.length === 0) return undefined;
  if (buttons.length > maxButtons) throw badRequest('reply markup is too long');
  for (const button of buttons) {
    const fields = button as unknown as Record<string, unknown>;
    if (button.text.trim() === '') throw badRequest('inline keyboard button text must be non-empty');
    const action = actions.find((name) => fields[name] !== undefined && fields[name] !== '');
    if (action === undefined)
      throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
    if (action === 'callback_data' && Buffer.byteLength(String(fields['callback_data'])) > maxCallbackBytes)
      throw badRequest('BUTTON_DATA_INVALID');
    if (action === 'url') checkUrl(button.text, String(fields['url']));
  }
  return { inline_keyboard: rows.filter((row) => row.length > 0) };
}

/** Only edits may be given nothing but an inline keyboard. */
export function readInlineMarkup(markup: Record<string, unknown> | undefined): InlineKeyboardMarkup | undefined {
  if (markup !== undefined && Object.keys(markup).length > 0 && !('inline_keyboard' in markup))
    throw badRequest('inline keyboard expected');
  return readReplyMarkup(markup);
}

function checkUrl(text: string, url: string): void {
  const address = /^(https?|tg|ton|tonsite):/i.test(url) ? url : `http://${url}`;
  if (!URL.canParse(address) || (/^http/i.test(address) && !new URL(address).hostname.includes('.')))
    throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL (button "${text}")`);
}
