/** One line at the bottom of a terminal that is written over; where there is no terminal, only the first text is said. */
import { stripVTControlCharacters } from 'node:util';

export interface LiveLine {
  show(text: string): void;
  /** Leaves nothing of it. */
  clear(): void;
}

const toStartAndErase = '\r\u001b[2K';

export function createLiveLine(stream: NodeJS.WriteStream): LiveLine {
  let shown = '';
  return {
    show(text) {
      if (text === shown) return;
      if (stream.isTTY) stream.write(`${toStartAndErase}${cut(text, (stream.columns || 80) - 1)}`);
      else if (shown === '') stream.write(`${text}\n`);
      shown = text;
    },
    clear() {
      if (stream.isTTY && shown !== '') stream.write(toStartAndErase);
      shown = '';
    },
  };
}

/** Without its colour, when the end that switches it off would be cut off, too. */
function cut(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  return plain.length <= width ? text : plain.slice(0, width);
}
