/** Reads the form of a request: so much and no more, each parameter once (RFC 6749, section 3.2). */
import { PryxError } from '../../shared/error.ts';
import { readBoundedBody } from '../guard/bounded-body.ts';

export const maxFormBytes = 16 * 1024;

export type Form = Readonly<Record<string, string>>;

/** Parameters without a value are left out. Throws `bad_request`, `too_large`. */
export async function readForm(request: Request): Promise<Form> {
  const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    throw new PryxError('bad_request', 'The body has to be application/x-www-form-urlencoded.');
  const form: Record<string, string> = Object.create(null);
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(decode(await readBoundedBody(request, maxFormBytes)))) {
    if (seen.has(name)) throw new PryxError('bad_request', 'A parameter is there twice.');
    seen.add(name);
    if (value !== '') form[name] = value;
  }
  return form;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PryxError('bad_request', 'The body is not UTF-8.', { cause });
  }
}
