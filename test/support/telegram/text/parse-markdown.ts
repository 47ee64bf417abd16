/** `parse_mode` MarkdownV2 (https://core.telegram.org/bots/api#markdownv2-style), with the complaints of `parse_markdown_v2` of TDLib. */
import type { MessageEntity } from 'grammy/types';
import { linkEntity } from './link-entity.ts';
import { byteOffset, cannotParse } from './markup-error.ts';
import type { MessageText } from './message-text.ts';

const reserved = new Set('_*[]()~`>#+-=|{}.!\n');

/** What opens and closes an entity, and how Telegram calls it when its end is missing. Longer marks first. */
const marks = [
  { mark: '```', type: 'pre', called: 'Pre' },
  { mark: '`', type: 'code', called: 'Code' },
  { mark: '__', type: 'underline', called: 'Underline' },
  { mark: '_', type: 'italic', called: 'Italic' },
  { mark: '*', type: 'bold', called: 'Bold' },
  { mark: '~', type: 'strikethrough', called: 'Strikethrough' },
  { mark: '||', type: 'spoiler', called: 'Spoiler' },
  { mark: '![', type: 'custom_emoji', called: 'CustomEmoji', end: ']' },
  { mark: '[', type: 'text_link', called: 'TextUrl', end: ']' },
] as const;

interface Open {
  type: (typeof marks)[number]['type'] | 'blockquote';
  called: string;
  /** What closes it; a quotation is closed by its line. */
  end: string;
  /** In the source, and in the text that comes out. */
  position: number;
  offset: number;
  language: string;
}

interface Reading {
  source: string;
  position: number;
  text: string;
  entities: MessageEntity[];
  open: Open[];
  lineStart: boolean;
}

export function parseMarkdown(source: string): MessageText {
  const reading: Reading = { source, position: 0, text: '', entities: [], open: [], lineStart: true };
  while (reading.position < source.length) {
    const character = source.charAt(reading.position);
    const escaped = source.charCodeAt(reading.position + 1);
    const top = reading.open.at(-1);
    const inCode = top?.type === 'code' || top?.type === 'pre';
    if (character === '\\' && escaped > 0 && escaped <= 126) {
      reading.position += 1;
      take(reading);
    } else if (inCode ? character !== '`' : !reserved.has(character)) take(reading);
    else if (character === '\n') readLineEnd(reading);
    else if (top !== undefined && top.end !== '' && source.startsWith(top.end, reading.position))
      closeEntity(reading, top);
    else openEntity(reading);
  }
  if (reading.open[0]?.type === 'blockquote') closeQuote(reading);
  const unclosed = reading.open.at(-1);
  if (unclosed !== undefined) throw missingEnd(source, unclosed);
  return { text: reading.text, entities: reading.entities };
}

function take(reading: Reading): void {
  const character = reading.source.charAt(reading.position);
  reading.text += character;
  if (character !== '\r') reading.lineStart = character === '\n';
  reading.position += 1;
}

const missingEnd = (source: string, open: Open): Error =>
  cannotParse(`Can't find end of ${open.called} entity at byte offset ${byteOffset(source, open.position)}`);

const mustBeEscaped = (character: string): Error =>
  cannotParse(`Character '${character}' is reserved and must be escaped with the preceding '\\'`);

/** A quotation goes on as long as lines begin with `>`. */
function readLineEnd(reading: Reading): void {
  const isQuoted = reading.open.some((open) => open.type === 'blockquote');
  const goesOn = reading.source[reading.position + 1] === '>';
  take(reading);
  if (isQuoted && !goesOn) closeQuote(reading);
}

/** Two bars at the very end of a quotation make it expandable. */
function closeQuote(reading: Reading): void {
  const { source, open, text } = reading;
  const bars = open.at(-1);
  const written = source.slice(0, reading.position).replace(/[\r\n]+$/, '');
  const isExpandable = bars?.type === 'spoiler' && bars.position === written.length - 2;
  if (isExpandable) open.pop();
  const quote = open.pop();
  if (quote?.type !== 'blockquote') throw missingEnd(source, quote as Open);
  const place = { offset: quote.offset, length: text.length - quote.offset };
  if (place.length > 0)
    reading.entities.push({ type: isExpandable ? 'expandable_blockquote' : 'blockquote', ...place });
}

function openEntity(reading: Reading): void {
  const { source, position } = reading;
  const character = source.charAt(position);
  if (character === '>') {
    if (!reading.lineStart) throw mustBeEscaped(character);
    const isQuoted = reading.open.some((open) => open.type === 'blockquote');
    reading.position += 1;
    if (!isQuoted) push(reading, { type: 'blockquote', called: 'BlockQuote', end: '', position, language: '' });
    return;
  }
  const found = marks.find(({ mark }) => source.startsWith(mark, position));
  if (found === undefined) throw mustBeEscaped(character);
  reading.position += found.mark.length;
  const language = found.type === 'pre' ? readLanguage(reading) : '';
  const end = 'end' in found ? found.end : found.mark;
  push(reading, { type: found.type, called: language === '' ? found.called : 'PreCode', end, position, language });
}

function push(reading: Reading, open: Omit<Open, 'offset'>): void {
  reading.open.push({ ...open, offset: reading.text.length });
}

/** The word after the opening marks is the language when something follows it; one line break is left out. */
function readLanguage(reading: Reading): string {
  const rest = reading.source.slice(reading.position);
  const language = /^([^\s`]+)(?=\s)/.exec(rest)?.[1] ?? '';
  const lineBreak = /^(?:\r\n|\n\r|\n|\r)/.exec(rest.slice(language.length))?.[0] ?? '';
  reading.position += language.length + lineBreak.length;
  return language;
}

function closeEntity(reading: Reading, top: Open): void {
  reading.position += top.end.length;
  reading.open.pop();
  const place = { offset: top.offset, length: reading.text.length - top.offset };
  const inner = reading.text.slice(top.offset);
  if (top.type === 'text_link') {
    const url = reading.source[reading.position] === '(' ? readUrl(reading) : inner;
    if (place.length > 0) reading.entities.push(...linkEntity(url, place.offset, place.length));
  } else if (top.type === 'custom_emoji') {
    if (reading.source[reading.position] !== '(')
      throw cannotParse('The entity must contain a tg://emoji or tg://time URL');
    const entity = emojiEntity(readUrl(reading), place);
    if (place.length > 0) reading.entities.push(entity);
  } else if (place.length > 0) {
    const language = top.language === '' ? {} : { language: top.language };
    reading.entities.push({ type: top.type, ...place, ...language });
  }
}

function readUrl(reading: Reading): string {
  const start = reading.position + 1;
  const match = /^((?:\\[\u0001-\u007e]|[^)\\])*)\)/.exec(reading.source.slice(start));
  if (match?.[1] === undefined)
    throw cannotParse(`Can't find end of a URL at byte offset ${byteOffset(reading.source, start)}`);
  reading.position = start + match[0].length;
  return match[1].replace(/\\([\u0001-\u007e])/g, '$1');
}

function emojiEntity(url: string, place: { offset: number; length: number }): MessageEntity {
  const emoji = /^tg:\/\/emoji\?id=([1-9]\d{0,18})$/.exec(url)?.[1];
  if (emoji !== undefined) return { type: 'custom_emoji', custom_emoji_id: emoji, ...place };
  const time = /^tg:\/\/time\?unix=(\d+)/.exec(url)?.[1];
  if (time !== undefined) return { type: 'date_time', unix_time: Number(time), ...place } as MessageEntity;
  throw cannotParse('Invalid tg://emoji or tg://time URL specified');
}
