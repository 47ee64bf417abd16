/** One line at the bottom of a terminal that is written over; where there is no terminal, only the first text is said. */
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
      if (stream.isTTY) stream.write(`${toStartAndErase}${text.slice(0, (stream.columns || 80) - 1)}`);
      else if (shown === '') stream.write(`${text}\n`);
      shown = text;
    },
    clear() {
      if (stream.isTTY && shown !== '') stream.write(toStartAndErase);
      shown = '';
    },
  };
}
