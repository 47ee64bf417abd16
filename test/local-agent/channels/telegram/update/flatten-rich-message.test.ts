import { describe, expect, test } from 'vitest';
import { flattenRichMessage } from '../../../../../local-agent/channels/telegram/update/flatten-rich-message.ts';

const flat = (...blocks: unknown[]): string | undefined => flattenRichMessage({ blocks });

describe('a rich message is read as plain text:', () => {
  test.each([
    [
      'nested formatting',
      [{ type: 'paragraph', text: ['a ', { type: 'bold', text: [{ type: 'italic', text: 'b' }] }] }],
      'a b',
    ],
    [
      'a custom emoji',
      [{ type: 'paragraph', text: { type: 'custom_emoji', custom_emoji_id: '1', alternative_text: '🦆' } }],
      '🦆',
    ],
    ['a formula', [{ type: 'mathematical_expression', expression: 'E=mc^2' }], 'E=mc^2'],
    [
      'a quote with its source',
      [{ type: 'blockquote', blocks: [{ type: 'paragraph', text: 'q' }], credit: 'Ada' }],
      'q\nAda',
    ],
    [
      'details',
      [{ type: 'details', summary: 'More', blocks: [{ type: 'paragraph', text: 'inside' }] }],
      'More\ninside',
    ],
    [
      'a table',
      [
        {
          type: 'table',
          cells: [
            [{ text: 'a' }, { text: 'b' }],
            [{ text: '1' }, {}],
          ],
          caption: 'T',
        },
      ],
      'a | b\n1 | \nT',
    ],
    ['a picture’s caption', [{ type: 'photo', photo: [], caption: { text: 'An engine', credit: 'Ada' } }], 'An engine'],
    ['a list', [{ type: 'list', items: [{ label: '•', blocks: [{ type: 'paragraph', text: 'x' }] }] }], '• x'],
  ])('%s', (_, blocks, text) => {
    expect(flat(...blocks)).toBe(text);
  });
});

test('what holds no words is none', () => {
  expect(flat({ type: 'divider' })).toBeUndefined();
  for (const odd of [null, 5, 'x', [], {}, { blocks: 'x' }, { blocks: [null, 1] }])
    expect(flattenRichMessage(odd)).toBeUndefined();
});

test('a document nested without end is cut off, not followed', () => {
  let text: unknown = 'deep';
  for (let depth = 0; depth < 20_000; depth += 1) text = { type: 'bold', text };
  expect(flat({ type: 'paragraph', text }, { type: 'paragraph', text: 'shallow' })).toBe('shallow');
});
