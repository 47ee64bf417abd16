import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLiveLine } from '../../../../local-agent/cli/terminal/live-line.ts';

/** A terminal of so many columns, and what was written to it. */
function terminal(columns: number) {
  const stream = new PassThrough();
  const written = (): string => String(stream.read() ?? '');
  return { line: createLiveLine(Object.assign(stream, { isTTY: true, columns }) as never), written };
}

describe('the line that changes', () => {
  it('keeps its colour where it fits, and leaves none behind in a terminal that is too narrow for it', () => {
    const text = '\u001b[2mWaiting for your approval\u001b[22m';
    for (const [columns, shown] of [
      [26, text],
      [25, 'Waiting for your approva'],
      [9, 'Waiting '],
    ] as const) {
      const { line, written } = terminal(columns);
      line.show(text);
      expect([columns, written()]).toEqual([columns, `\r\u001b[2K${shown}`]);
    }
  });
});
