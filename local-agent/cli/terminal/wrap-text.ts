/** How wide a text is on a terminal, and how it is cut and broken: what a terminal breaks by itself goes on in its first column. */
import { stripVTControlCharacters } from 'node:util';

/** What takes two columns: East Asian scripts and full-width forms (Unicode UAX #11), and what is shown as a picture. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

const columnsOf = (sign: string): number => (wide.test(sign) ? 2 : 1);

/** Styles take none. Signs that combine are counted, so it may be less. */
export const widthOf = (text: string): number =>
  [...stripVTControlCharacters(text)].reduce((sum, sign) => sum + columnsOf(sign), 0);

/** At most `width` columns of a text without styles; `…` stands for the rest. */
export function cutText(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let room = width - 1;
  const kept = [...text].filter((sign) => (room -= columnsOf(sign)) >= 0);
  return `${kept.join('')}…`;
}

/** One line, without styles, as several of at most `width` columns (2 or more): between words, or within one that is too long. */
export function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  const signs = [...line];
  let start = 0;
  let space = -1;
  let used = 0;
  for (let index = 0; index < signs.length; index += 1) {
    const sign = signs[index] ?? '';
    used += columnsOf(sign);
    if (sign === ' ') space = index;
    if (used <= width) continue;
    const end = space > start ? space : index;
    lines.push(signs.slice(start, end).join(''));
    start = end === space ? end + 1 : end;
    // From the new beginning on, once more.
    index = start - 1;
    space = -1;
    used = 0;
  }
  return [...lines, signs.slice(start).join('')];
}
