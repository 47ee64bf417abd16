import fc from 'fast-check';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import { cleanName, shownName } from '../../../shared/pairing/names.ts';
import { codeAlphabet, groupCode, makeCode, readCode, userCodeLength } from '../../../shared/pairing/user-code.ts';
import { type Case, check, checkEqual } from '../case.ts';

const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const anyCode = fc
  .array(fc.constantFrom(...codeAlphabet), { minLength: userCodeLength, maxLength: userCodeLength })
  .map((characters) => characters.join(''));

export const cases: readonly Case[] = [
  {
    title: 'a code is of the length that was asked for, from the alphabet, in groups',
    run() {
      for (let code = 0; code < 200; code += 1) {
        check(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/.test(makeCode(random, 8, 4)), 'user code');
        check(
          /^([BCDFGHJKLMNPQRSTVWXZ]{4}-){4}[BCDFGHJKLMNPQRSTVWXZ]{4}$/.test(makeCode(random, 20, 4)),
          'set-up code',
        );
      }
    },
  },
  {
    title: 'each character of a code is equally likely: of all bytes, twelve or thirteen go to none',
    run() {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      let given = false;
      const code = makeCode({ bytes: (length) => (given ? random.bytes(length) : ((given = true), every)) }, 240, 240);
      for (const character of codeAlphabet) checkEqual([character, code.split(character).length - 1], [character, 12]);
    },
  },
  {
    title: 'a code is read whatever its case, spaces and punctuation',
    run() {
      fc.assert(
        fc.property(
          anyCode,
          fc.array(fc.constantFrom(' ', '-', '–', '.', '\t', '·'), { maxLength: 8 }),
          (code, noise) => {
            const typed = [...code.toLowerCase()].map((character, index) => character + (noise[index] ?? '')).join('');
            checkEqual(readCode(typed, userCodeLength), code);
            checkEqual(readCode(groupCode(code, 4), userCodeLength), code);
          },
        ),
      );
    },
  },
  {
    title: 'what cannot be a code is none, however long it is',
    run() {
      for (const typed of ['', 'BCDFGHJ', 'BCDFGHJKL', 'ABCDFGHJ', 'BCDFGHJ0', 'BCDFGHJß', 'x'.repeat(1_000_000)])
        checkEqual(readCode(typed, userCodeLength), undefined);
    },
  },
  {
    title: 'a fingerprint is four words, always the same, of the first 44 bits',
    run() {
      // SHA-256 of nothing: e3b0c44298f…, so the words 1821, 1073, 133 and 399 of the list (BIP 39).
      checkEqual(fingerprintWords('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'), [
        'together',
        'mail',
        'awful',
        'cradle',
      ]);
      checkEqual(fingerprintWords('A'.repeat(43)), ['abandon', 'abandon', 'abandon', 'abandon']);
      checkEqual(fingerprintWords(`${'_'.repeat(42)}8`), ['zoo', 'zoo', 'zoo', 'zoo']);
      checkEqual(fingerprintWords(`AAAAAAAD${'A'.repeat(35)}`), ['abandon', 'abandon', 'abandon', 'abandon']);
      checkEqual(fingerprintWords(`AAAAAAAQ${'A'.repeat(35)}`), ['abandon', 'abandon', 'abandon', 'ability']);
    },
  },
  {
    title: 'a name is one line without what a terminal or a page would obey',
    run() {
      const names: [given: string, kept: string][] = [
        ['laptop', 'laptop'],
        ['  the \t old\r\n\u2028laptop ', 'the old laptop'],
        ['a\u0000b\u001B[31mc\u007Fd\u0085e', 'ab[31mcde'],
        ['\u202Eabc\u2066\u200B\uFEFF', 'abc'],
        ['e\u0301', '\u00E9'],
        ['\uE000x\uDBC0', 'x'],
        ['x'.repeat(100), 'x'.repeat(64)],
        ['🦝'.repeat(100), '🦝'.repeat(64)],
        [`${'x'.repeat(63)} y`, 'x'.repeat(63)],
        // Letters that nobody sees, and marks that would be drawn over the lines above and below.
        ['lap\u3164top\u2800\u115F', 'laptop'],
        [`a${'\u0336'.repeat(40)}b`, `a${'\u0336'.repeat(4)}b`],
        ['e\u0000\u0301 \u200B x', '\u00E9 x'],
      ];
      for (const [given, kept] of names) checkEqual(cleanName(given), kept);
    },
  },
  {
    title: 'no text at all makes a name that is longer than 64 characters, or holds a control character',
    run() {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
          const name = cleanName(text);
          check(
            [...name].length <= 64 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name) && name === name.trim(),
            JSON.stringify(name),
          );
          checkEqual(cleanName(name), name);
        }),
        { numRuns: 1000 },
      );
    },
  },
  {
    title: 'a name of which nothing is left, or that is out of all measure, is refused',
    run() {
      checkEqual(shownName.parse(' x '), 'x');
      for (const name of ['', ' ', '\u200B\u0000', '\u3164\u3164', 'x'.repeat(1025)])
        checkEqual(shownName.safeParse(name).success, false);
    },
  },
];
