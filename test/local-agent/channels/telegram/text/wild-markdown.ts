/** Pieces of Markdown, wildly joined: nearer to what breaks a renderer than random characters. */
import fc from 'fast-check';

const pieces = [
  '**',
  '*',
  '_',
  '~~',
  '~',
  '`',
  '```',
  '```ts\n',
  '\n',
  '\n\n',
  '    ',
  '\t',
  '- ',
  '1. ',
  '> ',
  '# ',
  '---\n',
  '\n|-|-|\n',
  '|',
  '[',
  '](https://a.example)',
  '](x)',
  '![',
  '[x] ',
  '<b>',
  '<br>',
  '</div>',
  '\\',
  '&amp;',
  'https://b.example ',
  'a@b.example',
  '🦆',
  '👩‍👩‍👧',
  '\uD83E',
  '\u0000',
  '\u200B',
];

export const wildMarkdown = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 6 })), { maxLength: 60 })
  .map((parts) => parts.join(''));
