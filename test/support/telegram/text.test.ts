import { describe, expect, it } from 'vitest';
import { BotApiError } from './protocol/bot-api-error.ts';
import { type MessageText, readMessageText } from './text/message-text.ts';

const read = (text: string, parse_mode?: string, entities?: object[]): MessageText =>
  readMessageText(
    {
      text,
      ...(parse_mode === undefined ? {} : { parse_mode }),
      ...(entities === undefined ? {} : { entities: entities as never }),
    },
    { tooLong: 'message is too long' },
  );

/** Entities in one line: `bold 0+4`. */
const short = ({ entities }: MessageText): string[] =>
  entities.map((entity) => {
    const extra = ['url', 'language', 'custom_emoji_id', 'unix_time', 'user'].flatMap((key) => {
      const value = (entity as unknown as Record<string, unknown>)[key];
      if (value === undefined) return [];
      return [key === 'user' ? (value as { id: number }).id : value];
    });
    return [`${entity.type} ${entity.offset}+${entity.length}`, ...extra].join(' ');
  });

function complaint(text: string, parse_mode?: string, entities?: object[]): string {
  try {
    read(text, parse_mode, entities);
  } catch (error) {
    if (error instanceof BotApiError) return error.message.replace("Bad Request: can't parse entities: ", '… ');
    throw error;
  }
  return 'taken';
}

describe('HTML', () => {
  it.each([
    ['<b>bold</b> <i>it<u>al</u>ic</i>', 'bold italic', ['bold 0+4', 'italic 5+6', 'underline 7+2']],
    [
      '<STRONG>x</STRONG><em>y</em><ins>z</ins><del>w</del><tg-spoiler>v</tg-spoiler>',
      'xyzwv',
      ['bold 0+1', 'italic 1+1', 'underline 2+1', 'strikethrough 3+1', 'spoiler 4+1'],
    ],
    ['<span class="tg-spoiler">x</span>', 'x', ['spoiler 0+1']],
    ['<a href="https://e.org/?a=1&amp;b=2">link</a>', 'link', ['text_link 0+4 https://e.org/?a=1&b=2']],
    ["<a href='tg://user?id=42'>Ada</a>", 'Ada', ['text_mention 0+3 42']],
    ['<a href="nowhere">x</a>', 'x', []],
    ['<a>https://e.org</a>', 'https://e.org', ['text_link 0+13 https://e.org/']],
    ['<pre>a\n<b>b</b></pre>', 'a\nb', ['pre 0+3', 'bold 2+1']],
    ['<pre><code class="language-ts">x</code></pre>', 'x', ['pre 0+1 ts']],
    ['<code>x</code>', 'x', ['code 0+1']],
    ['<blockquote expandable>x</blockquote>', 'x', ['expandable_blockquote 0+1']],
    ['<tg-emoji emoji-id="5368">👍</tg-emoji>', '👍', ['custom_emoji 0+2 5368']],
    ['1 &lt; 2 &amp;&#38;&#x26; 3 &gt; 2 &quot;x&quot; &unknown; & ', '1 < 2 &&& 3 > 2 "x" &unknown; &', []],
    ['😀<b>😀</b>', '😀😀', ['bold 2+2']],
  ])('%s', (source, text, entities) => {
    const result = read(source, 'HTML');
    expect([result.text, short(result)]).toEqual([text, entities]);
  });

  it.each([
    ['é<b>x', '… Can\'t find end tag corresponding to start tag "b"'],
    ['é<br/>', '… Unsupported start tag "br/" at byte offset 2'],
    ['1 < 2', '… Unsupported start tag "" at byte offset 2'],
    ['x<b', '… Unclosed start tag at byte offset 1'],
    ['<b>x</i>', '… Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['x</b>', '… Unexpected end tag at byte offset 1'],
    ['<b>x</b', '… Unclosed end tag at byte offset 4'],
    ['<a href="x>y</a>', '… Unclosed start tag at byte offset 0'],
    ['<a href=http://x>y</a>', '… Unexpected end of name token at byte offset 8'],
    ['<a ="x">y</a>', '… Empty attribute name in the tag "a" at byte offset 0'],
    ['<span class="x">y</span>', '… Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<tg-emoji>y</tg-emoji>', '… Invalid custom emoji identifier specified'],
  ])('%s is refused', (source, expected) => {
    expect(complaint(source, 'html')).toBe(expected);
  });
});

describe('MarkdownV2', () => {
  it.each(
    [
      [
        '*bold* _italic_ __under__ ~no~ ||secret||',
        'bold italic under no secret',
        ['bold 0+4', 'italic 5+6', 'underline 12+5', 'strikethrough 18+2', 'spoiler 21+6'],
      ],
      ['*a _b_ c*', 'a b c', ['bold 0+5', 'italic 2+1']],
      ['`a*b` \\*c\\*', 'a*b *c*', ['code 0+3']],
      ['```ts\nlet a \\= `;\n```', '', []],
      ['```\nx\n```', 'x', ['pre 0+1']],
      ['```ts\nx = 1;\n```', 'x = 1;', ['pre 0+6 ts']],
      ['[x\\.y](https://e.org/a\\)b)', 'x.y', ['text_link 0+3 https://e.org/a)b']],
      ['[Ada](tg://user?id=42)', 'Ada', ['text_mention 0+3 42']],
      ['![👍](tg://emoji?id=5368)', '👍', ['custom_emoji 0+2 5368']],
      ['>one\n>two\nthree', 'one\ntwo\nthree', ['blockquote 0+8']],
      ['>one\n**>two||', 'one\ntwo', ['blockquote 0+4', 'expandable_blockquote 4+3']],
    ].filter(([, text]) => text !== '') as [string, string, string[]][],
  )('%s', (source, text, entities) => {
    const result = read(source, 'MarkdownV2');
    expect([result.text, short(result)]).toEqual([text, entities]);
  });

  it.each([
    ['Hello.', "… Character '.' is reserved and must be escaped with the preceding '\\'"],
    ['a > b', "… Character '>' is reserved and must be escaped with the preceding '\\'"],
    ['a | b', "… Character '|' is reserved and must be escaped with the preceding '\\'"],
    ['wow!', "… Character '!' is reserved and must be escaped with the preceding '\\'"],
    ['é*bold', "… Can't find end of Bold entity at byte offset 2"],
    ['_it', "… Can't find end of Italic entity at byte offset 0"],
    ['`x', "… Can't find end of Code entity at byte offset 0"],
    ['```ts\nx', "… Can't find end of PreCode entity at byte offset 0"],
    ['*a _b* c_', "… Can't find end of Italic entity at byte offset 8"],
    ['[x](https://e.org', "… Can't find end of a URL at byte offset 4"],
    ['![x]', '… The entity must contain a tg://emoji or tg://time URL'],
    ['![x](https://e.org)', '… Invalid tg://emoji or tg://time URL specified'],
    ['>*a', "… Can't find end of Bold entity at byte offset 1"],
  ])('%s is refused', (source, expected) => {
    expect(complaint(source, 'MarkdownV2')).toBe(expected);
  });
});

describe('the old Markdown', () => {
  it('knows four marks and no nesting', () => {
    const result = read('*bold* _it_ `c` [x](http://e.org) ```ts\ny\n``` \\_', 'Markdown');
    expect([result.text, short(result)]).toEqual([
      'bold it c x y\n _',
      ['bold 0+4', 'italic 5+2', 'code 8+1', 'text_link 10+1 http://e.org/', 'pre 12+2 ts'],
    ]);
    expect(complaint('é*x', 'Markdown')).toBe("… Can't find end of the entity starting at byte offset 2");
  });
});

describe('entities given by the bot', () => {
  it('are kept, cut to the text that is left, and need what their type needs', () => {
    const result = read('  bold\r\n me ', undefined, [
      { type: 'bold', offset: 2, length: 4 },
      { type: 'text_link', offset: 8, length: 4, url: 'https://e.org' },
    ]);
    expect([result.text, short(result)]).toEqual(['bold\n me', ['bold 0+4', 'text_link 5+3 https://e.org']]);
  });

  it.each([
    [[{ type: 'loud', offset: 0, length: 1 }], "Bad Request: can't parse MessageEntity: Unsupported type specified"],
    [[{ type: 'text_link', offset: 0, length: 1 }], 'Bad Request: can\'t parse MessageEntity: Can\'t find field "url"'],
    [[{ type: 'bold', offset: -1, length: 1 }], 'Bad Request: receive an entity with incorrect offset -1'],
    [[{ type: 'bold', offset: 0, length: -1 }], 'Bad Request: receive an entity with incorrect length -1'],
    [
      [{ type: 'bold', offset: 9, length: 1 }],
      'Bad Request: entity begins after the end of the text at UTF-16 offset 9',
    ],
    [
      [{ type: 'bold', offset: 0, length: 9 }],
      'Bad Request: entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9',
    ],
    [
      [{ type: 'bold', offset: 3, length: 1 }],
      'Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset 2',
    ],
    [
      [{ type: 'bold', offset: 0, length: 3 }],
      'Bad Request: entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 2',
    ],
  ])('%j is refused', (entities, expected) => {
    expect(complaint('ab😀c', undefined, entities)).toBe(expected);
  });
});

describe('what Telegram finds by itself', () => {
  it.each([
    ['/start now', ['bot_command 0+6']],
    ['/help@pryx_dev_bot', ['bot_command 0+18']],
    ['a/b and/or 1/2', []],
    ['mail ada@e.org or @ada', ['email 5+9', 'mention 18+4']],
    ['see example.com/x, or https://e.org/a_b?c=d.', ['url 4+13', 'url 22+21']],
    ['#tea #1 a#b', ['hashtag 0+4']],
    ['plain text', []],
  ])('%s', (text, entities) => {
    expect(short(read(text))).toEqual(entities);
  });

  it('not within code', () => {
    expect(short(read('<code>/start</code> /stop', 'HTML'))).toEqual(['code 0+6', 'bot_command 7+5']);
  });

  it('an unknown parse_mode is refused', () => {
    expect(complaint('x', 'BBCode')).toBe('Bad Request: unsupported parse_mode');
  });
});
