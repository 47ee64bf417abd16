import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBlank } from '../../../../../local-agent/channels/telegram/text/content.ts';
import { writeMarkdown } from '../../../../../local-agent/channels/telegram/text/write-markdown.ts';
import { faultsOf, shown } from './valid-entities.ts';
import { wildMarkdown } from './wild-markdown.ts';

const textOf = (markdown: string): string => writeMarkdown(markdown).text;
const shownOf = (markdown: string): string[] => shown(writeMarkdown(markdown));

describe('formatting', () => {
  test.each([
    ['bold', 'a **b** c', 'a b c', ['bold: b']],
    ['italic', 'a *b* _c_', 'a b c', ['italic: b', 'italic: c']],
    ['deleted', 'a ~~b~~', 'a b', ['strikethrough: b']],
    ['"about" is not deleted', '~5 to 6~ or **~7**', '~5 to 6~ or ~7', ['bold: ~7']],
    ['code', 'run `a **b** &amp;`', 'run a **b** &amp;', ['code: a **b** &amp;']],
    ['all at once', '***a***', 'a', ['bold: a', 'italic: a']],
    ['nested', '**a *b* c**', 'a b c', ['bold: a b c', 'italic: b']],
    ['bold in a heading', '# a **b**', 'a b', ['bold: a b']],
    ['code in bold, which cannot hold it', '**a `b` c**', 'a b c', ['bold: a ', 'code: b', 'bold:  c']],
    ['code in a heading', '## `b`', 'b', ['code: b']],
    ['a reference that is no character', '&valueOf; &toString;', '&valueOf; &toString;', []],
    ['escapes', '\\*a\\* 2 \\> 1', '*a* 2 > 1', []],
    ['signs that are no markup', '2 * 3 * 4 = 24, snake_case_name', '2 * 3 * 4 = 24, snake_case_name', []],
    ['emoji before the bold', '🦆🦆 **b**', '🦆🦆 b', ['bold: b']],
    ['what a model has not finished', 'a **b and `c', 'a **b and `c', []],
  ])('%s', (_, markdown, text, entities) => {
    expect(textOf(markdown)).toBe(text);
    expect(shownOf(markdown)).toEqual(entities);
  });

  test('code keeps its language and its lines', () => {
    expect(shownOf('```ts title="x"\nif (a) {\n\n  b();\n}\n```')).toEqual(['pre: if (a) {\n\n  b();\n} (ts)']);
    expect(shownOf('```\nplain\n```')).toEqual(['pre: plain']);
    expect(shownOf('```c++ &amp;\nx\n```')).toEqual(['pre: x (c++)']);
  });

  test('code that is still being written is code already', () => {
    expect(shownOf('Look:\n\n```js\nlet a')).toEqual(['pre: let a (js)']);
  });

  test('a quote holds formatting, and a quote within it is marked by a sign', () => {
    const written = writeMarkdown('> a **b**\n>\n> > c\n\nd');
    expect(written.text).toBe('a b\n\n» c\n\nd');
    expect(shown(written)).toEqual(['blockquote: a b\n\n» c', 'bold: b']);
  });
});

describe('links', () => {
  test.each([
    [
      'a web address is behind its words',
      '[Pryx](https://example.com/a?b=1&amp;c=2)',
      'Pryx',
      ['text_link: Pryx → https://example.com/a?b=1&c=2'],
    ],
    [
      'a link within Telegram',
      '[chat](tg://resolve?domain=pryx)',
      'chat',
      ['text_link: chat → tg://resolve?domain=pryx'],
    ],
    ['a bare address is left to Telegram', 'see https://example.com/a&b.', 'see https://example.com/a&b.', []],
    ['an address in brackets too', '<https://example.com/a&amp;b>', 'https://example.com/a&amp;b', []],
    [
      'a link by reference',
      '[Pryx][1]\n\n[1]: https://example.com',
      'Pryx',
      ['text_link: Pryx → https://example.com/'],
    ],
    [
      'a mail address is shown, where Telegram makes a link of it',
      '[write](mailto:a@b.example)',
      'write (a@b.example)',
      [],
    ],
    ['a script is shown, not linked', '[click](javascript:alert(1))', 'click (javascript:alert(1))', []],
    [
      'a script that looks like an address too',
      '[x](javascript://a.example/%0aalert)',
      'x (javascript://a.example/%0aalert)',
      [],
    ],
    ['data is shown, not linked', '[x](data:text/html,hi)', 'x (data:text/html,hi)', []],
    ['a path is shown', '[notes](docs/notes.md)', 'notes (docs/notes.md)', []],
    [
      'a host that Telegram refuses is shown',
      '[local](http://localhost:7717/x)',
      'local (http://localhost:7717/x)',
      [],
    ],
    [
      'a link around nothing but formatting shows its target',
      '[**&nbsp;**](https://a.example) [` `]()',
      'https://a.example ',
      [],
    ],
    ['a link without words shows its target', '[](https://example.com)', 'https://example.com', []],
    [
      'a picture is a link to it',
      '![A duck](https://example.com/duck.png)',
      'A duck',
      ['text_link: A duck → https://example.com/duck.png'],
    ],
    [
      'bold within a link',
      '[a **b**](https://example.com)',
      'a b',
      ['text_link: a b → https://example.com/', 'bold: b'],
    ],
    [
      'code within a link, which cannot hold it',
      '[`b`](https://example.com)',
      'b',
      ['text_link: b → https://example.com/'],
    ],
    [
      'a picture within a link',
      '[![b](https://b.example)](https://a.example)',
      'b',
      ['text_link: b → https://a.example/'],
    ],
  ])('%s', (_, markdown, text, entities) => {
    expect(textOf(markdown)).toBe(text);
    expect(shownOf(markdown)).toEqual(entities);
  });
});

describe('lists, tables and the rest', () => {
  test.each([
    ['a list', '- a\n- b\n  - c\n    - d\n      - e', '• a\n• b\n    ◦ c\n        ▪ d\n            ▪ e'],
    ['a numbered list goes on from its number', '3. a\n4. b', '3. a\n4. b'],
    ['tasks', '- [ ] a\n- [x] b', '☐ a\n☑ b'],
    ['a list right under its sentence', 'You need:\n- a\n- b', 'You need:\n• a\n• b'],
    ['a list with space in it', '1. a\n\n2. b', '1. a\n\n2. b'],
    ['a second paragraph of an item', '- a\n\n  b\n- c', '• a\n\n    b\n\n• c'],
    ['paragraphs', 'a\n\n\n\nb', 'a\n\nb'],
    ['lines stay lines', 'a\nb  \nc', 'a\nb\nc'],
    ['a rule', 'a\n\n---\n\nb', 'a\n\n———\n\nb'],
    [
      'HTML is shown',
      'a <b onclick="x">c</b>\n\n<script>\nalert(1 &amp; 2)\n</script>',
      'a <b onclick="x">c</b>\n\n<script>\nalert(1 &amp; 2)\n</script>',
    ],
    ['but a line break in it is one', 'a<br>b<br/>c', 'a\nb\nc'],
    [
      'character references',
      'a &lt; b &amp;&amp; c &#x1F986; &hellip; &unknown; &#0;',
      'a < b && c 🦆 … &unknown; \uFFFD',
    ],
    ['lines of another system', 'a\r\nb', 'a\nb'],
  ])('%s', (_, markdown, text) => {
    expect(textOf(markdown)).toBe(text);
  });

  test('a table is drawn in columns', () => {
    const markdown = '| Part | Price |\n|:--|--:|\n| **Gear**<br>wheel | 7 |\n| 歯車 | 12 |';
    expect(shownOf(markdown)).toEqual([
      'pre: Part       │ Price\n───────────┼──────\nGear wheel │     7\n歯車       │    12',
    ]);
  });
});

describe('what would grow far beyond what was written', () => {
  test.each([
    ['lists within lists on one line', `${'* '.repeat(300)}x`],
    ['numbered lists within lists on one line', `${'1. '.repeat(400)}x`],
    ['a table of thousands of columns', `${'|a'.repeat(2000)}|\n${'|-'.repeat(2000)}|\n${'|b\n'.repeat(8000)}`],
  ])('is given as it was written: %s', (_, markdown) => {
    expect(textOf(markdown).length).toBeLessThan(2 * markdown.length);
  });

  test('a long cell does not push the other columns out of sight', () => {
    const long = 'x'.repeat(3000);
    const markdown = `| Why | Price |\n|---|---|\n| ${long} | 7 |\n${'| short | 8 |\n'.repeat(50)}`;
    const text = textOf(markdown);
    expect(text).toContain(`${long} │ 7\nshort`);
    expect(text.length).toBeLessThan(2 * markdown.length + 2000);
  });
});

describe('what would show nothing', () => {
  test.each(['[a]: https://example.com', '<!-- -->\n\n[a]: b', '```\n```', '**', '>', '![](x)'])(
    'is given as it was written: %s',
    (markdown) => {
      expect(isBlank(textOf(markdown))).toBe(false);
    },
  );

  test('half a character and control characters are taken out, or Telegram would refuse the message', () => {
    expect(textOf('a\uD83Eb\u0000c\u0007\td')).toBe('a\uFFFDbc\td');
  });

  test('a quote nested without end is shown as it was written', () => {
    const markdown = `${'>'.repeat(20_000)}a`;
    expect(writeMarkdown(markdown)).toEqual({ text: markdown, entities: [] });
  });
});

test('whatever is written, the entities obey Telegram’s rules and nothing visible becomes nothing', () => {
  fc.assert(
    fc.property(wildMarkdown, (markdown) => {
      const written = writeMarkdown(markdown);
      expect(faultsOf(written)).toEqual([]);
      expect(written.text.isWellFormed()).toBe(true);
      expect(isBlank(written.text)).toBe(isBlank(markdown));
    }),
    { numRuns: 1500 },
  );
});
