import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeholder, plain, render } from '../../../../local-agent/channels/telegram/render.ts';
import type { TelegramContent } from '../../../../local-agent/channels/telegram/text/content.ts';
import { faultsOf } from './text/valid-entities.ts';

describe('an answer', () => {
  test('is one message with its formatting as entities', () => {
    expect(render('Hello **Ada**')).toEqual([
      { text: 'Hello Ada', entities: [{ type: 'bold', offset: 6, length: 3 }] },
    ]);
  });

  test('that is empty becomes something Telegram takes', () => {
    for (const markdown of ['', ' \n', '\u200B', '\u0000']) expect(render(markdown)).toEqual([placeholder]);
  });

  test('that is long becomes several messages, with the buttons on the last', () => {
    const contents = render('word '.repeat(2000), [{ label: 'Yes', data: 'y' }]);
    expect(contents).toHaveLength(3);
    expect(contents.map((content) => 'reply_markup' in content)).toEqual([false, false, true]);
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.nat(30), (text, times) => {
        for (const content of render(text.repeat(times)) as { text: string; entities?: never[] }[]) {
          expect(content.text.length).toBeGreaterThan(0);
          expect(faultsOf({ entities: [], ...content })).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('without formatting, words and buttons stay', () => {
  const [content] = render('Run `rm -r x`?', [{ label: 'Yes', data: 'y' }]);
  expect(plain(content ?? {})).toEqual({
    text: 'Run rm -r x?',
    reply_markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] },
  });
});

describe('buttons', () => {
  const rows = (...labels: string[]): string[][] => {
    const contents = render(
      '?',
      labels.map((label) => ({ label, data: label })),
    ) as TelegramContent[];
    return contents
      .flatMap(({ reply_markup }) => reply_markup?.inline_keyboard ?? [])
      .map((row) => row.map(({ text }) => text));
  };

  test('share a row while they are short', () => {
    expect(rows('Once', 'Always', 'No')).toEqual([['Once', 'Always', 'No']]);
    expect(rows('Allow once', 'Allow for this session', 'No')).toEqual([
      ['Allow once'],
      ['Allow for this session', 'No'],
    ]);
  });

  test('always have a label', () => {
    expect(rows('')).toEqual([['…']]);
  });
});
