/** One Telegram message as the outbox keeps it: in the Bot API's own words, ready for `sendMessage` and `editMessageText`. */
import * as z from 'zod';

/** The kinds of `MessageEntity` that Pryx writes. */
const entity = z.discriminatedUnion('type', [
  z.object({
    type: z.enum(['bold', 'italic', 'strikethrough', 'blockquote', 'code']),
    offset: z.int(),
    length: z.int(),
  }),
  z.object({ type: z.literal('pre'), offset: z.int(), length: z.int(), language: z.string().optional() }),
  z.object({ type: z.literal('text_link'), offset: z.int(), length: z.int(), url: z.string() }),
]);
/** Offsets and lengths count UTF-16 units, as JavaScript does. */
export type Entity = z.infer<typeof entity>;

export interface FormattedText {
  text: string;
  entities: Entity[];
}

export const telegramContent = z.object({
  text: z.string(),
  entities: z.array(entity).optional(),
  reply_markup: z
    .object({ inline_keyboard: z.array(z.array(z.object({ text: z.string(), callback_data: z.string() }))) })
    .optional(),
});
export type TelegramContent = z.infer<typeof telegramContent>;

/** Nothing to see in Telegram, which refuses such a text as empty: spaces, and characters that only join, direct or fill. */
const invisible = /^[\s\p{Cc}\p{Cf}\u115F\u1160\u2800\u3164\uFFA0\uFFFC]*$/u;

export const isBlank = (text: string): boolean => invisible.test(text);
