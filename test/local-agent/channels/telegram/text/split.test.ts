import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Entity, type FormattedText, isBlank } from '../../../../../local-agent/channels/telegram/text/content.ts';
import { splitText, telegramLimits } from '../../../../../local-agent/channels/telegram/text/split.ts';
import { faultsOf } from './valid-entities.ts';

const partsOf = (text: string, units: number): string[] =>
  splitText({ text, entities: [] }, { units, entities: 100 }).map((part) => part.text);

describe('a long text is cut', () => {
  test('at a blank line, when there is one in the second half', () => {
    expect(partsOf('aaaa\n\nbbb\n\ncc dd', 12)).toEqual(['aaaa\n\nbbb', 'cc dd']);
  });

  test('else at the end of a line, else between words', () => {
    expect(partsOf('aaaa bbbb\ncccc dddd', 12)).toEqual(['aaaa bbbb', 'cccc dddd']);
    expect(partsOf('aaaa bbbb cccc', 11)).toEqual(['aaaa bbbb', 'cccc']);
    expect(partsOf('aaaa bbbb cccc', 9)).toEqual(['aaaa bbbb', 'cccc']);
  });

  test('else between characters, and never through one', () => {
    expect(partsOf('🦆🦆🦆', 3)).toEqual(['🦆', '🦆', '🦆']);
    expect(partsOf('👩‍👩‍👧👩‍👩‍👧', 12)).toEqual(['👩‍👩‍👧', '👩‍👩‍👧']);
    expect(partsOf('ae\u0301o\u0302u\u0308', 4)).toEqual(['ae\u0301', 'o\u0302u\u0308']);
    expect(partsOf('🇩🇪🇫🇷🇮🇹', 6)).toEqual(['🇩🇪', '🇫🇷', '🇮🇹']);
  });

  test('a character longer than a whole message is cut between its code points', () => {
    expect(partsOf(`a${'\u0301'.repeat(9)}`, 4).join('')).toBe(`a${'\u0301'.repeat(9)}`);
  });

  test('keeps the indentation of the line after the cut', () => {
    expect(partsOf('if (a) {\n    b();\n}', 10)).toEqual(['if (a) {', '    b();\n}']);
  });

  test('not at a blank line of code, when the code begins late enough to move whole', () => {
    const text = 'Take this piece:\n\na()\n\nb()\n\nc()';
    const pre: Entity = { type: 'pre', offset: 18, length: text.length - 18 };
    const parts = splitText({ text, entities: [pre] }, { units: 30, entities: 100 });
    expect(parts).toEqual([
      { text: 'Take this piece:', entities: [] },
      { text: 'a()\n\nb()\n\nc()', entities: [{ type: 'pre', offset: 0, length: 13 }] },
    ]);
  });
});

test('a text that fits stays whole, up to the last unit', () => {
  const text = `${'x'.repeat(telegramLimits.units - 2)}🦆`;
  expect(partsOf(text, telegramLimits.units)).toEqual([text]);
  expect(partsOf(`${text}y`, telegramLimits.units)).toEqual([text, 'y']);
});

test('blank texts give no part, and blank stretches no part of their own', () => {
  for (const text of ['', ' \n\t', '\u200B\u00A0\u2800']) expect(partsOf(text, 10)).toEqual([]);
  expect(partsOf(`a${' \n'.repeat(100)}b`, 10)).toEqual(['a', 'b']);
  expect(partsOf(`a ${'\u200B'.repeat(40)} b`, 10)).toEqual(['a', 'b']);
});

test('formatting goes on in the next part', () => {
  const parts = splitText(
    { text: 'aaa bbb ccc', entities: [{ type: 'pre', offset: 0, length: 11, language: 'ts' }] },
    { units: 8, entities: 100 },
  );
  expect(parts).toEqual([
    { text: 'aaa bbb', entities: [{ type: 'pre', offset: 0, length: 7, language: 'ts' }] },
    { text: 'ccc', entities: [{ type: 'pre', offset: 0, length: 3, language: 'ts' }] },
  ]);
});

test('more formatting than a message takes goes into more messages', () => {
  const text = 'ab '.repeat(250);
  const entities = Array.from({ length: 250 }, (_, index): Entity => ({ type: 'bold', offset: index * 3, length: 2 }));
  const parts = splitText({ text, entities });
  expect(parts.map((part) => part.entities.length)).toEqual([100, 100, 50]);
  expect(parts.map((part) => part.text).join(' ')).toBe(text.trim());
});

test('more formatting in one place than a message takes is left off', () => {
  const entities: Entity[] = [
    { type: 'bold', offset: 0, length: 3 },
    { type: 'italic', offset: 0, length: 2 },
  ];
  expect(splitText({ text: 'abc', entities }, { units: 10, entities: 1 })).toEqual([
    { text: 'abc', entities: [{ type: 'bold', offset: 0, length: 3 }] },
  ]);
});

/** Texts with everything that a cut can go wrong at, and properly nested entities over them. */
const formatted: fc.Arbitrary<FormattedText> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' ',
        '\n',
        '\n\n',
        '\t',
        '    ',
        '🦆',
        '👩‍👩‍👧',
        '🇩🇪',
        'e\u0301',
        '\u200B',
        'word',
        'x'.repeat(30),
      ),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    ),
    { maxLength: 120 },
  )
  .map((parts) => parts.join('').toWellFormed())
  .chain((text) =>
    fc
      .array(
        fc.tuple(fc.nat(text.length), fc.nat(40), fc.constantFrom('bold' as const, 'code' as const, 'pre' as const)),
        { maxLength: 30 },
      )
      .map((spans) => {
        const entities: Entity[] = [];
        let from = 0;
        for (const [offset, length, type] of spans.toSorted((a, b) => a[0] - b[0])) {
          const start = wholeAt(text, Math.max(offset, from));
          const end = wholeAt(text, Math.min(start + length, text.length));
          if (end > start) entities.push({ type, offset: start, length: end - start });
          from = Math.max(from, end);
        }
        return { text, entities };
      }),
  );
const wholeAt = (text: string, position: number): number =>
  position > 0 && (text.codePointAt(position - 1) ?? 0) > 0xff_ff ? position + 1 : position;

test('whatever is cut: nothing visible is lost, nothing is empty or too long, and formatting stays where it was', () => {
  fc.assert(
    fc.property(
      formatted,
      fc.integer({ min: 2, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (whole, units, entities) => {
        const parts = splitText(whole, { units, entities });
        let position = 0;
        for (const part of parts) {
          expect(isBlank(part.text)).toBe(false);
          expect(part.text.length).toBeLessThanOrEqual(units);
          expect(part.text.isWellFormed()).toBe(true);
          expect(part.entities.length).toBeLessThanOrEqual(entities);
          expect(faultsOf(part)).toEqual([]);
          const start = whole.text.indexOf(part.text, position);
          // Only what cannot be seen lies between the parts, so the first place where a part is found is its own.
          expect(start).toBeGreaterThanOrEqual(0);
          expect(isBlank(whole.text.slice(position, start))).toBe(true);
          expect(marks(part)).toEqual(marks(whole).slice(start, start + part.text.length));
          position = start + part.text.length;
        }
        expect(isBlank(whole.text.slice(position))).toBe(true);
      },
    ),
    { numRuns: 1500 },
  );
});

/** For each unit of the text, which formatting lies on it. */
function marks({ text, entities }: FormattedText): string[] {
  const result = Array.from({ length: text.length }, () => '');
  for (const { type, offset, length } of entities) result.fill(type, offset, offset + length);
  return result;
}
