/** Reads the form of a request: so much and no more, each parameter once (RFC 6749, section 3.2). */
import { PryxError } from '../../shared/error.ts';
import { readBoundedForm } from '../guard/bounded-body.ts';

export const maxFormBytes = 16 * 1024;

export type Form = Readonly<Record<string, string>>;

/** Parameters without a value are left out. Throws `bad_request`, `unsupported_media_type`, `too_large`. */
export async function readForm(request: Request): Promise<Form> {
  const form: Record<string, string> = Object.create(null);
  const seen = new Set<string>();
  for (const [name, value] of await readBoundedForm(request, maxFormBytes)) {
    if (seen.has(name)) throw new PryxError('bad_request', 'A parameter is there twice.');
    seen.add(name);
    if (value !== '') form[name] = value;
  }
  return form;
}
