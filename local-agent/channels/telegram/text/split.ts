/** Cuts a formatted text into messages that Telegram takes (`sendMessage`: 4096 UTF-16 units, 100 entities). */
import { type Entity, type FormattedText, isBlank } from './content.ts';

export interface SplitLimits {
  /** At least 2, or a surrogate pair would not fit. */
  units: number;
  entities: number;
}

export const telegramLimits: SplitLimits = { units: 4096, entities: 100 };

/**
 * The parts are slices of the text, in order, with nothing but white space between them; none is blank; entities go on in each part
 * they reach into. Cuts lie at a blank line, else a line, else a word, else between graphemes. A blank text gives no part.
 */
export function splitText({ text, entities }: FormattedText, limits = telegramLimits): FormattedText[] {
  const sorted = entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length);
  const parts: FormattedText[] = [];
  let start = afterGap(text, 0);
  while (start < text.length) {
    const end = findEnd(text, sorted, start, limits);
    const part = slice(text, sorted, start, end, limits.entities);
    if (!isBlank(part.text)) parts.push(part);
    start = afterGap(text, end);
  }
  return parts;
}

/** White space at a cut is dropped, but for the indentation of the line that follows: in code it has a meaning. */
function afterGap(text: string, position: number): number {
  const gap = /\s*/y;
  gap.lastIndex = position;
  const space = gap.exec(text)?.[0] ?? '';
  const end = position + space.length;
  const line = space.lastIndexOf('\n') + 1;
  const startsLine = line > 0 || position === 0;
  return startsLine && end - position - line <= 40 && end < text.length ? position + line : end;
}

function findEnd(text: string, sorted: readonly Entity[], start: number, limits: SplitLimits): number {
  const limit = beforeTooManyEntities(sorted, start, Math.min(start + limits.units, text.length), limits.entities);
  if (limit === text.length) return limit;
  // A part shorter than half is worth less than a cut at a lesser place.
  const half = Math.ceil((limit - start) / 2);
  // White space right behind the limit is as good a place to cut as any before it.
  const window = text.slice(start, limit + 2);
  const last = (what: string, from = limit - start): number => window.lastIndexOf(what, from);
  for (let gap = last('\n\n'); gap >= half; gap = last('\n\n', gap - 1))
    if (!isInsideCode(sorted, start + gap)) return start + gap;
  if (last('\n') >= half) return start + last('\n');
  const word = Math.max(last(' '), last('\n'), last('\t'));
  return word > 0 ? start + word : graphemeBoundary(text, start, limit);
}

/** Where the first entity beyond the allowed number begins, if that is before `end`. */
function beforeTooManyEntities(sorted: readonly Entity[], start: number, end: number, most: number): number {
  const touching = sorted.filter((entity) => entity.offset < end && entity.offset + entity.length > start);
  const surplus = touching[most];
  return surplus !== undefined && surplus.offset > start ? surplus.offset : end;
}

const isInsideCode = (sorted: readonly Entity[], position: number): boolean =>
  sorted.some(({ type, offset, length }) => type === 'pre' && offset < position && position < offset + length);

/** A grapheme longer than a whole message is cut between code points. */
function graphemeBoundary(text: string, start: number, limit: number): number {
  const stretch = text.slice(start, limit + 256);
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(stretch);
  const boundary = start + (graphemes.containing(limit - start)?.index ?? 0);
  return boundary > start ? boundary : Math.max(wholeCodePoint(text, limit), start + 1);
}

/** Moves back by one when `position` lies within a surrogate pair. */
function wholeCodePoint(text: string, position: number): number {
  return position > 0 && (text.codePointAt(position - 1) ?? 0) > 0xff_ff ? position - 1 : position;
}

function slice(text: string, sorted: readonly Entity[], start: number, end: number, most: number): FormattedText {
  const words = text.slice(start, end).trimEnd();
  const stop = start + words.length;
  const entities = sorted
    .filter((entity) => entity.offset < stop && entity.offset + entity.length > start)
    .slice(0, most)
    .map((entity) => {
      const offset = Math.max(entity.offset, start);
      return { ...entity, offset: offset - start, length: Math.min(entity.offset + entity.length, stop) - offset };
    });
  return { text: words, entities };
}
