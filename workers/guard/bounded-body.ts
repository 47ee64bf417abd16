/** Reads a body, but never more than a limit of it, whatever the sender announced. */
import { PryxError } from '../../shared/error.ts';

/** Refuses on the announced length alone, before a byte is read. */
export function checkAnnouncedLength(headers: Headers, limit: number): void {
  const announced = headers.get('content-length');
  if (announced !== null && Number(announced) > limit) throw tooLarge();
}

/** Throws `too_large` as soon as one byte more than `limit` has come, and `bad_request` when the body breaks off. */
export async function readBoundedBody(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new PryxError('bad_request', 'The body broke off.');
    });
    if (done) return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : join(chunks, length);
    length += value.length;
    if (length > limit) {
      // Not awaited: the answer must not wait for a sender that goes on sending.
      reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
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
