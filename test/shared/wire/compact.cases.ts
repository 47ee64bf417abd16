import fc from 'fast-check';
import * as z from 'zod';
import { readHeader, splitCompact } from '../../../shared/wire/compact.ts';
import { type Case, check, checkEqual } from '../case.ts';
import { encode, utf8 } from './craft.ts';

const header = z.strictObject({ kid: z.string() });
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');

export const cases: readonly Case[] = [
  {
    title: 'whatever bytes an encoder wrote are taken as a part',
    run() {
      fc.assert(
        fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
          const token = `${encode(a)}.${encode(b)}`;
          return splitCompact(token, 2)?.join('.') === token;
        }),
      );
    },
  },
  {
    title: 'one byte, and two bytes, have one spelling each',
    run() {
      const spellings = (start: string): string[] =>
        alphabet.filter((last) => splitCompact(start + last, 1) !== undefined);
      checkEqual([spellings('A').join(''), spellings('AA').join('')], ['AQgw', 'AEIMQUYcgkosw048']);
    },
  },
  {
    title: 'a single character stands for no byte at all',
    run() {
      for (const text of ['A', 'AAAAA']) checkEqual(splitCompact(text, 1) ?? null, null);
    },
  },
  {
    title: 'more or fewer parts than asked for are refused',
    run() {
      checkEqual(
        [splitCompact('AA.AA', 2), splitCompact('AA', 2) ?? null, splitCompact('AA.AA.AA', 2) ?? null],
        [['AA', 'AA'], null, null],
      );
    },
  },
  {
    title: 'a header is read as it was written',
    run: () => checkEqual(readHeader(header, encode('{"kid":"ключ"}')), { kid: 'ключ' }),
  },
  {
    title: 'a header that is not UTF-8 is refused, not mended',
    run() {
      const bytes = Uint8Array.from([...utf8('{"kid":"a'), 0xff, ...utf8('"}')]);
      check(readHeader(header, encode(bytes)) === undefined, 'it was mended');
    },
  },
  {
    title: 'a header of more than 1024 characters is not even decoded',
    run() {
      const longest = encode(JSON.stringify({ kid: 'k'.repeat(758) }));
      checkEqual([longest.length, readHeader(header, longest)?.kid.length], [1024, 758]);
      check(readHeader(header, encode(JSON.stringify({ kid: 'k'.repeat(759) }))) === undefined, 'it was read');
    },
  },
];
