/** Markdown and buttons become messages of Telegram. Pure, and never throws. */
import type { Button, Content } from '../../core/channel.ts';
import { type TelegramContent, isBlank, telegramContent } from './text/content.ts';
import { splitText } from './text/split.ts';
import { writeMarkdown } from './text/write-markdown.ts';

/** Stands where an answer is being made, and where one has nothing to show: Telegram takes no empty message. */
export const placeholder = { text: '…' } as const satisfies TelegramContent;

/** At least one message; the buttons hang on the last. */
export function render(markdown: string, buttons: readonly Button[] = []): Content[] {
  const parts = splitText(writeMarkdown(markdown));
  const contents: TelegramContent[] = parts.map(({ text, entities }) => ({
    text,
    ...(entities.length === 0 ? {} : { entities }),
  }));
  const last = contents.pop() ?? placeholder;
  return [...contents, buttons.length === 0 ? last : { ...last, reply_markup: { inline_keyboard: keyboard(buttons) } }];
}

/** The same words and buttons without entities. */
export function plain(content: Content): Content {
  const { text, reply_markup } = telegramContent.parse(content);
  return { text, ...(reply_markup === undefined ? {} : { reply_markup }) };
}

/** Short labels share a row, as many as a telephone shows; longer ones take a row each. */
function keyboard(buttons: readonly Button[]): { text: string; callback_data: string }[][] {
  const rows: { text: string; callback_data: string }[][] = [];
  let room = 0;
  for (const { label, data } of buttons) {
    const button = { text: isBlank(label) ? placeholder.text : label, callback_data: data };
    room -= label.length + 4;
    const row = rows.at(-1);
    if (row !== undefined && room >= 0) row.push(button);
    else {
      rows.push([button]);
      room = 36 - (label.length + 4);
    }
  }
  return rows;
}
