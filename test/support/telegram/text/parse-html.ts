/** `parse_mode` HTML (https://core.telegram.org/bots/api#html-style), with the complaints of `parse_html` of TDLib. */
import type { MessageEntity } from 'grammy/types';
import { linkEntity } from './link-entity.ts';
import { byteOffset, cannotParse } from './markup-error.ts';
import type { MessageText } from './message-text.ts';

type Plain = 'bold' | 'italic' | 'underline' | 'strikethrough' | 'spoiler';
const plain: Record<string, Plain> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
};
const others = new Set(['a', 'pre', 'code', 'blockquote', 'tg-emoji', 'tg-time']);

interface Tag {
  name: string;
  attributes: Map<string, string>;
  /** Where its content begins in the text that comes out. */
  offset: number;
}

export function parseHtml(source: string): MessageText {
  const entities: MessageEntity[] = [];
  const open: Tag[] = [];
  let text = '';
  let position = 0;
  while (position < source.length) {
    const next = source.slice(position).search(/[<&]/);
    if (next !== 0) {
      const end = next < 0 ? source.length : position + next;
      text += source.slice(position, end);
      position = end;
    } else if (source[position] === '&') {
      const [reference, character] = readReference(source, position);
      text += character;
      position += reference.length;
    } else if (source[position + 1] === '/') {
      const end = readEndTag(source, position, open);
      const tag = open.pop();
      if (tag !== undefined && text.length > tag.offset) addEntity(entities, tag, text);
      position = end;
    } else {
      const { tag, end } = readStartTag(source, position);
      open.push({ ...tag, offset: text.length });
      position = end;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw cannotParse(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  return { text, entities };
}

/** `&lt;`, `&gt;`, `&amp;`, `&quot;` and numbers; anything else stands for itself. */
function readReference(source: string, position: number): [reference: string, character: string] {
  const [reference, name, decimal, hex] =
    /^&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([\da-f]{1,6}));?/i.exec(source.slice(position, position + 12)) ?? [];
  if (reference === undefined) return ['&', '&'];
  if (name !== undefined) return [reference, { lt: '<', gt: '>', amp: '&', quot: '"' }[name.toLowerCase()] ?? ''];
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code === 0 || code >= 0x10ffff ? ['&', '&'] : [reference, String.fromCodePoint(code)];
}

function readEndTag(source: string, position: number, open: readonly Tag[]): number {
  const at = byteOffset(source, position);
  const expected = open.at(-1)?.name;
  if (expected === undefined) throw cannotParse(`Unexpected end tag at byte offset ${at}`);
  const [whole, name = ''] = /^<\/([^\s>]*)\s*>/.exec(source.slice(position)) ?? [];
  if (whole === undefined) throw cannotParse(`Unclosed end tag at byte offset ${at}`);
  const found = name.toLowerCase();
  if (found !== '' && found !== expected)
    throw cannotParse(`Unmatched end tag at byte offset ${at}, expected "</${expected}>", found "</${found}>"`);
  return position + whole.length;
}

function readStartTag(source: string, position: number): { tag: Omit<Tag, 'offset'>; end: number } {
  const at = byteOffset(source, position);
  const name = /^<([^\s>]*)(?=[\s>])/.exec(source.slice(position))?.[1]?.toLowerCase();
  if (name === undefined) throw cannotParse(`Unclosed start tag at byte offset ${at}`);
  if (!(name in plain) && !others.has(name)) throw cannotParse(`Unsupported start tag "${name}" at byte offset ${at}`);
  const attributes = new Map<string, string>();
  const attribute = /\s*([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([a-z0-9.-]*)(?=[\s>])))?/giy;
  let end = position + 1 + name.length;
  for (;;) {
    end += /^\s*/.exec(source.slice(end))?.[0].length ?? 0;
    if (source[end] === '>') break;
    if (end >= source.length) throw cannotParse(`Unclosed start tag "${name}" at byte offset ${at}`);
    attribute.lastIndex = end;
    const match = attribute.exec(source);
    if (match === null) throw cannotParse(attributeProblem(source, end, name, at, attributes.size > 0));
    attributes.set(match[1] ?? '', decode(match[2] ?? match[3] ?? match[4]?.toLowerCase() ?? ''));
    end = attribute.lastIndex;
  }
  if (name === 'span' && attributes.get('class') !== 'tg-spoiler')
    throw cannotParse(`Tag "span" must have class "tg-spoiler" at byte offset ${at}`);
  return { tag: { name, attributes }, end: end + 1 };
}

/** What cannot be read after the name of a tag or of an attribute. */
function attributeProblem(source: string, end: number, name: string, at: number, afterName: boolean): string {
  const [value] = /^=\s*["']?/.exec(source.slice(end)) ?? [];
  if (value === undefined || !afterName) return `Empty attribute name in the tag "${name}" at byte offset ${at}`;
  if (/["']$/.test(value) || end + value.length >= source.length) return `Unclosed start tag at byte offset ${at}`;
  return `Unexpected end of name token at byte offset ${byteOffset(source, end + value.length)}`;
}

const decode = (value: string): string =>
  value.replace(/&(?:lt|gt|amp|quot|#\d{1,7}|#x[\da-f]{1,6});?/gi, (reference) => readReference(reference, 0)[1]);

function addEntity(entities: MessageEntity[], tag: Tag, text: string): void {
  const { name, attributes, offset } = tag;
  const place = { offset, length: text.length - offset };
  const type = plain[name];
  if (type !== undefined) entities.push({ type, ...place });
  else if (name === 'a')
    entities.push(...linkEntity(attributes.get('href') ?? text.slice(offset), offset, place.length));
  else if (name === 'blockquote')
    entities.push({ type: attributes.has('expandable') ? 'expandable_blockquote' : 'blockquote', ...place });
  else if (name === 'tg-emoji') {
    const id = attributes.get('emoji-id') ?? '';
    if (!/^[1-9]\d{0,18}$/.test(id)) throw cannotParse('Invalid custom emoji identifier specified');
    entities.push({ type: 'custom_emoji', custom_emoji_id: id, ...place });
  } else if (name === 'tg-time')
    entities.push({ type: 'date_time', unix_time: Number(attributes.get('unix')), ...place } as MessageEntity);
  else addCode(entities, tag, place);
}

/** `<pre><code class="language-…">` is one block of code, whichever way round. */
function addCode(entities: MessageEntity[], tag: Tag, place: { offset: number; length: number }): void {
  const language = /^language-(.+)/.exec(tag.attributes.get('class') ?? '')?.[1];
  const last = entities.at(-1);
  const other = tag.name === 'pre' ? 'code' : 'pre';
  const wraps = last?.type === other && last.offset === place.offset && last.length === place.length;
  if (!wraps) {
    entities.push({ type: tag.name, ...place, ...(language === undefined ? {} : { language }) } as MessageEntity);
    return;
  }
  const known = language ?? (last as { language?: string }).language;
  entities[entities.length - 1] = { type: 'pre', ...place, ...(known === undefined ? {} : { language: known }) };
}
