/** A table in monospaced text: columns padded to their widest cell, a rule under the header. */

/** A cell that is longer stands out of its column: padding every row to it would multiply the text. */
const widestColumn = 40;

export type Alignment = 'left' | 'right' | 'center' | null;

export function drawTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Alignment[],
): string {
  const widths = header.map((cell, column) =>
    Math.min(widestColumn, Math.max(cellWidth(cell), ...rows.map((row) => cellWidth(row[column] ?? '')))),
  );
  const draw = (row: readonly string[]): string =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, align[column] ?? null))
      .join(' │ ')
      .trimEnd();
  return [draw(header), widths.map((width) => '─'.repeat(width)).join('─┼─'), ...rows.map(draw)].join('\n');
}

function pad(cell: string, width: number, align: Alignment): string {
  const room = Math.max(0, width - cellWidth(cell));
  if (align === 'right') return ' '.repeat(room) + cell;
  const before = align === 'center' ? Math.floor(room / 2) : 0;
  return ' '.repeat(before) + cell + ' '.repeat(room - before);
}

/** In columns of a monospaced font: East Asian characters and emoji take two, marks and joiners none. Near enough for a table. */
function cellWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue;
    width +=
      /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF01-\uFF60]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
