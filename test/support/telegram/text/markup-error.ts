/** Refusal of markup that cannot be read; positions are counted in bytes of UTF-8, as Telegram counts them. */
import { badRequest, type BotApiError } from '../protocol/bot-api-error.ts';

export const cannotParse = (reason: string): BotApiError => badRequest(`can't parse entities: ${reason}`);

export const byteOffset = (text: string, position: number): number => Buffer.byteLength(text.slice(0, position));
