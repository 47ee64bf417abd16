/** Reads a stream of server-sent events (WHATWG HTML section 9.2) and gives the data of each; nothing else of them is of use here. */
import { ModelError } from './model-error.ts';

/** Largest line, and largest event, in characters: a server that never ends one must not fill the memory. */
const maxCharacters = 1024 * 1024;

export async function* readEvents(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  let data: string | undefined;
  let first = true;
  for await (const chunk of chunks) {
    rest += first && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk;
    first = false;
    let start = 0;
    for (let end = findLineEnd(rest, start); end !== undefined; end = findLineEnd(rest, start)) {
      const line = rest.slice(start, end.at);
      start = end.next;
      if (line !== '') {
        data = addLine(data, line);
      } else if (data !== undefined) {
        yield data;
        data = undefined;
      }
    }
    rest = rest.slice(start);
    if (rest.length + (data?.length ?? 0) > maxCharacters)
      throw new ModelError('model_refused', 'The model server sent an event without an end.');
  }
  // What the stream ends in the middle of is dropped, as the standard says.
}

/** Lines end in CRLF, LF or CR; a CR that is last so far may still be half of a CRLF. */
function findLineEnd(text: string, from: number): { at: number; next: number } | undefined {
  const lineFeed = text.indexOf('\n', from);
  const within = lineFeed === -1 ? text.length : lineFeed;
  const carriageReturn = text.indexOf('\r', from);
  if (carriageReturn === -1 || carriageReturn > within)
    return lineFeed === -1 ? undefined : { at: lineFeed, next: lineFeed + 1 };
  if (carriageReturn + 1 === text.length) return undefined;
  return { at: carriageReturn, next: carriageReturn + (text[carriageReturn + 1] === '\n' ? 2 : 1) };
}

function addLine(data: string | undefined, line: string): string | undefined {
  if (line !== 'data' && !line.startsWith('data:')) return data;
  const value = line.startsWith('data: ') ? line.slice(6) : line.slice(5);
  return data === undefined ? value : `${data}\n${value}`;
}
