/** Codes that people read and type: from an alphabet without vowels and without characters that look alike (RFC 8628, section 6.1). */

export const codeAlphabet = 'BCDFGHJKLMNPQRSTVWXZ';

/** A code of `length` characters in groups, each character equally likely: bytes that would favour some are thrown away. */
export function makeCode(random: { bytes(length: number): Uint8Array }, length: number, group: number): string {
  const fair = 256 - (256 % codeAlphabet.length);
  let code = '';
  while (code.length < length) {
    for (const byte of random.bytes(length - code.length))
      if (byte < fair) code += codeAlphabet[byte % codeAlphabet.length];
  }
  return groupCode(code, group);
}

/** `BCDFGHJK` as `BCDF-GHJK`. */
export const groupCode = (code: string, group: number): string =>
  code.match(new RegExp(`.{1,${group}}`, 'g'))?.join('-') ?? '';

/** What was typed, without case, punctuation and space; `undefined` when no code of this length can be meant. */
export function readCode(typed: string, length: number): string | undefined {
  if (typed.length > 4 * length) return undefined;
  const code = typed.toUpperCase().replace(/[\s\p{P}]+/gu, '');
  return code.length === length && [...code].every((character) => codeAlphabet.includes(character)) ? code : undefined;
}

/** 20^8, about 2^34: enough while a code lives ten minutes and may be tried five times (RFC 8628, section 5.1). */
export const userCodeLength = 8;
/** 20^20, about 2^86: nobody guesses it, however long it stands. */
export const setupCodeLength = 20;
