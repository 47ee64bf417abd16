import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvents } from '../../../local-agent/models/read-events.ts';

async function* inChunks(text: string, cuts: readonly number[]): AsyncGenerator<string> {
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const end = Math.min(Math.max(cut, start), text.length);
    yield text.slice(start, end);
    start = end;
  }
  yield text.slice(start);
}

async function read(text: string, cuts: readonly number[] = []): Promise<string[]> {
  const events: string[] = [];
  for await (const data of readEvents(inChunks(text, cuts))) events.push(data);
  return events;
}

describe('Server-sent events', () => {
  it.each([
    ['with line feeds', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['with carriage returns and line feeds', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['with carriage returns', 'data: a\r\rdata: b\r\r\n', ['a', 'b']],
    ['after a byte order mark', '\uFEFFdata: a\n\n', ['a']],
    ['without a space', 'data:a\n\n', ['a']],
    ['with a second space, which belongs to the data', 'data:  a\n\n', [' a']],
    ['over several lines', 'data: a\ndata\ndata: b\n\n', ['a\n\nb']],
    ['among comments and other fields', ': hi\nevent: x\nid: 1\nretry: 5\ndatax: no\ndata: a\n\n: bye\n\n', ['a']],
    ['with empty data', 'data:\n\n', ['']],
    ['up to the last whole one', 'data: a\n\ndata: b\n', ['a']],
  ])('are read %s', async (_name, text, events) => {
    expect(await read(text)).toEqual(events);
  });

  it('are the same wherever they are cut', async () => {
    const line = fc.constantFrom('data: {"a":1}', 'data', ': comment', 'event: x', 'data:b', '');
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    const stream = fc.array(fc.tuple(line, lineEnd), { maxLength: 20 }).map((lines) => lines.flat().join(''));
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat(200)), async (text, cuts) => {
        // A last CR may be half of a CRLF, so it takes something behind it to count.
        const whole = `${text}\n: end\n`;
        expect(await read(whole, cuts)).toEqual(await read(whole));
      }),
    );
  });

  it('that never end are refused before they fill the memory', async () => {
    async function* endless(): AsyncGenerator<string> {
      for (;;) yield 'data: x\n'.repeat(10_000);
    }
    const reading = (async () => {
      for await (const _ of readEvents(endless())) expect.fail('Nothing is whole here.');
    })();
    await expect(reading).rejects.toMatchObject({ code: 'model_refused' });
  });
});
