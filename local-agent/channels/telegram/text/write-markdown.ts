/**
 * Markdown becomes text and entities. Entities and not `parse_mode`, because then nothing needs escaping and nothing that a model
 * writes can be taken for markup (docs/decisions/021). Nesting obeys the Bot API, "Formatting options".
 */
import { Lexer, type MarkedToken, type Token, Tokenizer, type Tokens } from 'marked';
import { type Entity, type FormattedText, isBlank } from './content.ts';
import { cutAroundCode } from './cut-around-code.ts';
import { decodeReferences } from './decode-references.ts';
import { drawTable } from './draw-table.ts';
import { linkTarget } from './link-target.ts';

/** Never throws: what the lexer cannot take, and what would show nothing, is given as it was written. */
export function writeMarkdown(markdown: string): FormattedText {
  const source = sendable(markdown);
  try {
    const writer = createWriter();
    writer.blocks(new Lexer({ gfm: true, tokenizer: new NarrowTables() }).lex(source), '');
    const written = writer.result();
    const outgrown = written.text.length > mostGrowth * source.length + 4096;
    if (!outgrown && (!isBlank(written.text) || isBlank(source))) return written;
  } catch {
    // A nesting deep enough to end the stack lands here; it is nothing that anybody wrote to be read.
  }
  return { text: source, entities: [] };
}

/** Indentation and columns add to a text; where they become most of it, hundreds of messages would be sent to show nothing. */
const mostGrowth = 4;
const mostColumns = 32;

/** A wider table is no table: nobody could read it here, and every row is filled up to the width of the first. */
class NarrowTables extends Tokenizer {
  override table(source: string): Tokens.Table | undefined {
    const columns = source.slice(0, source.indexOf('\n')).split('|').length - 1;
    return columns > mostColumns ? undefined : super.table(source);
  }
}

/** Without lone surrogates, which Telegram refuses, and control characters, which it drops, so that offsets would no longer hold. */
const sendable = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F]/g, '');

const bullets = ['•', '◦', '▪'];

function createWriter() {
  let text = '';
  const entities: Entity[] = [];
  const open = new Set<Entity['type']>();

  /** One entity around what `write` writes; none when it writes nothing, or when the kind is open already. */
  function span(type: 'bold' | 'italic' | 'strikethrough' | 'blockquote', write: () => void): void {
    if (open.has(type)) return write();
    const offset = text.length;
    open.add(type);
    write();
    open.delete(type);
    if (text.length > offset) entities.push({ type, offset, length: text.length - offset });
  }

  function code(words: string): void {
    // A link and code cannot contain each other.
    if (words !== '' && !open.has('text_link'))
      entities.push({ type: 'code', offset: text.length, length: words.length });
    text += words;
  }

  function pre(words: string, language?: string): void {
    if (words !== '')
      entities.push({
        type: 'pre',
        offset: text.length,
        length: words.length,
        ...(language === undefined ? {} : { language }),
      });
    text += words;
  }

  /** Blocks with the lines between them that the source has, one blank line at most; `indent` is what lines of a list are moved by. */
  function blocks(tokens: readonly Token[], indent: string): void {
    const start = text.length;
    let space = '';
    for (const token of tokens) {
      if (token.type !== 'space') {
        const before = text;
        if (text.length > start) text += space.split('\n').length > 2 ? '\n\n' : '\n';
        if (text.length > start && (token.type === 'paragraph' || token.type === 'text')) text += indent;
        const written = text.length;
        block(token as MarkedToken, indent);
        if (text.length === written) text = before;
        space = '';
      }
      space += token.raw.slice(token.raw.trimEnd().length);
    }
  }

  function block(token: MarkedToken, indent: string): void {
    switch (token.type) {
      case 'heading':
        return span('bold', () => inline(token.tokens));
      case 'code':
        return pre(token.text, /^[\w+#.-]{1,40}/.exec(token.lang ?? '')?.[0]);
      case 'blockquote':
        // Quotes do not nest.
        if (open.has('blockquote')) text += '» ';
        return span('blockquote', () => blocks(token.tokens, ''));
      case 'list':
        return list(token, indent);
      case 'table':
        return pre(table(token));
      case 'hr':
        text += '———';
        return;
      case 'html':
        text += token.text.trimEnd();
        return;
      case 'space':
      case 'def':
      case 'checkbox':
        return;
      default:
        inline([token]);
    }
  }

  function list({ ordered, start, items, loose }: Tokens.List, indent: string): void {
    const bullet = bullets[Math.min(indent.length / 4, bullets.length - 1)];
    items.forEach((item, index) => {
      const mark = item.task ? (item.checked === true ? '☑' : '☐') : ordered ? `${Number(start) + index}.` : bullet;
      text += `${index === 0 ? '' : loose ? '\n\n' : '\n'}${indent}${mark} `;
      blocks(item.tokens, `${indent}    `);
    });
  }

  function inline(tokens: readonly Token[], literal = false): void {
    for (const token of tokens as MarkedToken[]) phrase(token, literal);
  }

  function phrase(token: MarkedToken, literal: boolean): void {
    switch (token.type) {
      case 'strong':
        return span('bold', () => inline(token.tokens));
      case 'em':
        return span('italic', () => inline(token.tokens));
      case 'del':
        // One tilde is "about": `~5 to 6~` is no deletion.
        if (token.raw.startsWith('~~')) return span('strikethrough', () => inline(token.tokens));
        text += '~';
        inline(token.tokens);
        text += '~';
        return;
      case 'codespan':
        return code(token.text);
      case 'link':
        return link(token.href, token.autolink === true, () => inline(token.tokens, token.autolink === true));
      case 'image':
        return link(token.href, false, () => {
          text += decodeReferences(token.text);
        });
      case 'br':
        text += '\n';
        return;
      case 'html':
        // Raw HTML is shown, not obeyed; only a line break is common in tables and means no harm.
        text += /^<br\s*\/?>$/i.test(token.text) ? '\n' : token.text;
        return;
      default:
        if ('tokens' in token && token.tokens !== undefined) inline(token.tokens, literal);
        else if ('text' in token)
          text += literal || ('escaped' in token && token.escaped) ? token.text : decodeReferences(token.text);
        else text += token.raw;
    }
  }

  /** The words, with the target behind them where Telegram takes it, else after them. */
  function link(rawHref: string, autolink: boolean, label: () => void): void {
    const href = autolink ? rawHref : decodeReferences(rawHref);
    const target = linkTarget(href);
    const offset = text.length;
    const inside = entities.length;
    const outermost = !open.has('text_link');
    if (target !== undefined) open.add('text_link');
    label();
    if (target !== undefined && outermost) open.delete('text_link');
    const words = text.slice(offset);
    const shown = href.replace(/^mailto:/i, '');
    if (isBlank(words)) {
      entities.length = inside;
      text = text.slice(0, offset) + shown;
    } else if (target === undefined && !words.includes(shown) && shown !== '') text += ` (${shown})`;
    else if (target !== undefined && outermost && words !== href)
      entities.push({ type: 'text_link', offset, length: words.length, url: target });
  }

  return {
    blocks,
    inline,
    result: (): FormattedText => ({ text, entities: cutAroundCode(entities) }),
  };
}

function table({ header, rows, align }: Tokens.Table): string {
  return drawTable(
    header.map(cellText),
    rows.map((row) => row.map(cellText)),
    align,
  );
}

function cellText({ tokens }: Tokens.TableCell): string {
  const writer = createWriter();
  writer.inline(tokens);
  return writer.result().text.replaceAll(/\s+/g, ' ').trim();
}
