import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, widthOf, wrapLine } from '../../../../local-agent/cli/terminal/wrap-text.ts';

describe('A line that is too long', () => {
  it('is broken between words, or within one that does not fit', () => {
    expect(wrapLine('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrapLine('one two', 7)).toEqual(['one two']);
    expect(wrapLine('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrapLine('', 4)).toEqual(['']);
    expect(wrapLine('  let x', 80)).toEqual(['  let x']);
  });

  it('counts signs of double width as two columns', () => {
    expect(widthOf('漢字 👍 \u001b[1mab\u001b[0m')).toBe(10);
    expect(wrapLine('漢字漢字', 5)).toEqual(['漢字', '漢字']);
  });

  it('is cut where there is room for one line alone, and shows that it goes on', () => {
    expect(cutText('one two', 7)).toBe('one two');
    expect(cutText('one two three', 7)).toBe('one tw…');
    expect(cutText('漢字漢字', 7)).toBe('漢字漢…');
    expect(cutText('漢字漢字a', 6)).toBe('漢字…');
  });

  it('loses nothing but the spaces at its breaks, and fits', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '漢', '👍') }),
        fc.integer({ min: 2, max: 12 }),
        (line, width) => {
          const lines = wrapLine(line, width);
          expect(lines.join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
          for (const one of lines) expect(widthOf(one)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
