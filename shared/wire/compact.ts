/** Reads the compact form that JWS and JWE share (RFC 7515, section 7.1), strictly: every token has one spelling. */
import { base64url } from 'jose';
import type * as z from 'zod';

/** The parts between the dots; `undefined` unless there are `count` and each is the base64url that an encoder would write. */
export function splitCompact(token: string, count: number): string[] | undefined {
  const parts = token.split('.', count + 1);
  return parts.length === count && parts.every(isBase64url) ? parts : undefined;
}

/**
 * A protected header that has the form of `schema`. JSON that would be written otherwise is refused, and with it members that come
 * twice (RFC 7515, section 4), escapes that hide a name, white space and invalid UTF-8: libraries disagree about those.
 */
export function readHeader<T>(schema: z.ZodType<T>, part: string): T | undefined {
  if (part.length > maxHeaderLength) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(base64url.decode(part));
    const json: unknown = JSON.parse(text);
    return JSON.stringify(json) === text ? schema.safeParse(json).data : undefined;
  } catch {
    return undefined;
  }
}

/** Ample for the widest header there is, a proof with its key; bounds the work for whoever sends more. */
const maxHeaderLength = 1024;

/** Last characters of a group of two or three whose unused bits are zero (RFC 4648, section 3.5). */
const lastOfTwo = 'AQgw';
const lastOfThree = 'AEIMQUYcgkosw048';

/** No padding, no white space, no `+` or `/`, unused bits zero. The runtimes' own decoders let some of these through. */
function isBase64url(text: string): boolean {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return false;
  const last = text.charAt(text.length - 1);
  const rest = text.length % 4;
  return rest === 0 || (rest === 2 && lastOfTwo.includes(last)) || (rest === 3 && lastOfThree.includes(last));
}
