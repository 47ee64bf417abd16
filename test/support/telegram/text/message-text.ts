/** From `text`, `parse_mode` and `entities` to what a message holds, as the Bot API server and TDLib do it. */
import type { MessageEntity } from 'grammy/types';
import { badRequest } from '../protocol/bot-api-error.ts';
import { checkEntities } from './check-entities.ts';
import { findEntities } from './find-entities.ts';
import { parseHtml } from './parse-html.ts';
import { parseLegacyMarkdown } from './parse-legacy-markdown.ts';
import { parseMarkdown } from './parse-markdown.ts';

export interface MessageText {
  text: string;
  entities: MessageEntity[];
}

/** Text of a message, counted in UTF-16 units (https://core.telegram.org/bots/api#sendmessage). */
export const maxTextLength = 4096;
/** Bytes before parsing beyond which the server does not even look. */
const maxRawBytes = 1 << 15;

const parsers: Record<string, (text: string) => MessageText> = {
  html: parseHtml,
  markdownv2: parseMarkdown,
  markdown: parseLegacyMarkdown,
};

/** Throws BotApiError; `tooLong` is what it says then, since that differs from method to method. */
export function readMessageText(
  params: { text?: string; parse_mode?: string; entities?: MessageEntity[] },
  options: { allowEmpty?: boolean; tooLong: string },
): MessageText {
  const raw = params.text ?? '';
  if (raw === '' && options.allowEmpty === true) return { text: '', entities: [] };
  if (raw === '') throw badRequest('message text is empty');
  if (Buffer.byteLength(raw) > maxRawBytes) throw badRequest('text is too long');
  const mode = params.parse_mode?.toLowerCase() ?? 'none';
  const parser = parsers[mode];
  if (parser === undefined && mode !== 'none') throw badRequest('unsupported parse_mode');
  const parsed =
    parser === undefined ? { text: raw, entities: checkEntities(raw, params.entities ?? []) } : parser(raw);
  const clean = cleanText(parsed);
  if (clean.text === '' && options.allowEmpty !== true) throw badRequest('text must be non-empty');
  if (clean.text.length > maxTextLength) throw badRequest(options.tooLong);
  return { text: clean.text, entities: findEntities(clean.text, clean.entities) };
}

/** Returns go, control characters become spaces, white space goes from both ends, and entities move along (`fix_formatted_text` of TDLib). */
function cleanText(given: MessageText): MessageText {
  const { text, entities } = given.text.includes('\r') ? dropReturns(given) : given;
  const visible = text.replace(/[\u0000-\u0009\u000b-\u001f]/g, ' ');
  const trimmedEnd = visible.trimEnd();
  const blanks = trimmedEnd.length - trimmedEnd.trimStart().length;
  const start = Math.min(blanks, ...entities.map((entity) => entity.offset));
  const length = trimmedEnd.length - start;
  return {
    text: trimmedEnd.slice(start),
    entities: entities
      .map((entity) => ({
        ...entity,
        offset: entity.offset - start,
        length: Math.min(entity.length, length - (entity.offset - start)),
      }))
      .filter((entity) => entity.length > 0)
      .toSorted((a, b) => a.offset - b.offset || b.length - a.length),
  };
}

function dropReturns({ text, entities }: MessageText): MessageText {
  const moved = (position: number): number => text.slice(0, position).replaceAll('\r', '').length;
  return {
    text: text.replaceAll('\r', ''),
    entities: entities.map((entity) => {
      const offset = moved(entity.offset);
      return { ...entity, offset, length: moved(entity.offset + entity.length) - offset };
    }),
  };
}
