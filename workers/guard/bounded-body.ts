/** Reads a body, but never more than a limit of it, whatever the sender announced. */
import { PryxError } from '../../shared/error.ts';

/** Refuses on the announced length alone, before a byte is read. */
export function checkAnnouncedLength(headers: Headers, limit: number): void {
  const announced = headers.get('content-length');
  if (announced !== null && Number(announced) > limit) throw tooLarge();
}

/** Throws `too_large` as soon as one byte more than `limit` has come, and `bad_request` when the body breaks off. */
export async function readBoundedBody(request: Request, limit: number): Promise<Uint8Array> {
  checkAnnouncedLength(request.headers, limit);
  // The runtime reads exactly what was announced, in one go; only a body of unknown length has to be counted.
  if (request.headers.has('content-length')) return new Uint8Array(await request.arrayBuffer().catch(brokenOff));
  return countBody(request, limit);
}

/** Throws `bad_request` for what is no JSON, and as `readBoundedBody` does. */
export async function readBoundedJson(request: Request, limit: number): Promise<unknown> {
  const bytes = await readBoundedBody(request, limit);
  try {
    return JSON.parse(decodeText(bytes));
  } catch {
    throw new PryxError('bad_request', 'The body is not JSON.');
  }
}

/** Throws `unsupported_media_type` for what no form sends, `bad_request`, and as `readBoundedBody` does. */
export async function readBoundedForm(request: Request, limit: number): Promise<URLSearchParams> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    throw new PryxError('unsupported_media_type', 'The body has to be application/x-www-form-urlencoded.');
  const bytes = await readBoundedBody(request, limit);
  try {
    return new URLSearchParams(decodeText(bytes));
  } catch (cause) {
    throw new PryxError('bad_request', 'The body is not UTF-8.', { cause });
  }
}

const decodeText = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

async function countBody({ body }: Request, limit: number): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(brokenOff);
    if (done) return join(chunks, length);
    length += value.length;
    if (length > limit) {
      // Not awaited: the answer must not wait for a sender that goes on sending.
      reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
}

function brokenOff(): never {
  throw new PryxError('bad_request', 'The body broke off.');
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

function tooLarge(): PryxError {
  return new PryxError('too_large', 'The body is larger than allowed.');
}
