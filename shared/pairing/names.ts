/** Names that come from another machine and are shown to people. */
import * as z from 'zod';

const maxNameLength = 64;

/**
 * One line of at most 64 characters without anything that a terminal or a page would obey: control, format and bidirectional characters
 * are left out, and so are letters that nobody sees. Marks are drawn over what stands above and below: no more than four on one letter.
 */
export function cleanName(text: string): string {
  const line = text
    .replace(/[\s\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]/gu, '')
    .normalize('NFC')
    .replace(/ +/g, ' ')
    .replace(/(\p{M}{4})\p{M}+/gu, '$1');
  return [...line.trim()].slice(0, maxNameLength).join('').trim();
}

/** Cut to its length, so that a long host name does not keep a device out; refused when nothing is left, or when it is out of all measure. */
export const shownName = z
  .string()
  .max(1024)
  .transform(cleanName)
  .refine((name) => name !== '', 'is empty');
