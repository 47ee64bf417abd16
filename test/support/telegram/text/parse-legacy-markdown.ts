/** `parse_mode` Markdown, kept by Telegram for old bots (https://core.telegram.org/bots/api#markdown-style): no nesting. */
import type { MessageEntity } from 'grammy/types';
import { linkEntity } from './link-entity.ts';
import { byteOffset, cannotParse } from './markup-error.ts';
import type { MessageText } from './message-text.ts';

const closing: Record<string, string> = { _: '_', '*': '*', '`': '`', '[': ']' };

export function parseLegacyMarkdown(source: string): MessageText {
  const entities: MessageEntity[] = [];
  let text = '';
  let position = 0;
  while (position < source.length) {
    const character = source.charAt(position);
    if (character === '\\' && /[_*`[]/.test(source.charAt(position + 1))) {
      text += source.charAt(position + 1);
      position += 2;
    } else if (!(character in closing)) {
      text += character;
      position += 1;
    } else {
      const mark = source.startsWith('```', position) ? '```' : character;
      const start = position + mark.length;
      const end = source.indexOf(mark === '```' ? mark : (closing[mark] ?? ''), start);
      if (end < 0)
        throw cannotParse(`Can't find end of the entity starting at byte offset ${byteOffset(source, position)}`);
      const block = mark === '```' ? /^([^\s`]*)\n?/.exec(source.slice(start, end)) : null;
      const language = block?.[0].endsWith('\n') === true ? block[1] : '';
      const inner =
        language === ''
          ? source.slice(start, end).replace(/^\n/, '')
          : source.slice(start + (block?.[0].length ?? 0), end);
      const place = { offset: text.length, length: inner.length };
      text += inner;
      position = end + mark.length;
      if (mark === '[') {
        const address = /^\(([^)]*)\)/.exec(source.slice(position));
        position += address?.[0].length ?? 0;
        if (inner !== '') entities.push(...linkEntity(address?.[1] ?? inner, place.offset, place.length));
      } else if (inner !== '') entities.push(entityOf(mark, place, language ?? ''));
    }
  }
  return { text, entities };
}

function entityOf(mark: string, place: { offset: number; length: number }, language: string): MessageEntity {
  if (mark === '```') return { type: 'pre', ...place, ...(language === '' ? {} : { language }) };
  return { type: mark === '_' ? 'italic' : mark === '*' ? 'bold' : 'code', ...place };
}
