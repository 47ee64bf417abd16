/** Reading no more than is allowed. */
import { expect, test } from 'vitest';
import { readBoundedBody } from '../../../workers/guard/bounded-body.ts';

const request = (body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
  new Request('https://edge.example/', { method: 'POST', body, headers, duplex: 'half' });

/** A sender that never ends, and says how much was taken from it. */
function endless() {
  let taken = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken += 1000;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  return { stream, taken: () => taken };
}

test('a body up to the limit comes whole, however it is cut', async () => {
  const chunks = ['one ', '', 'two ', 'three'].map((text) => new TextEncoder().encode(text));
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  expect(Buffer.from(await readBoundedBody(request(stream), 13)).toString()).toBe('one two three');
});

test('a body that never ends is left as soon as it is too long', async () => {
  const sender = endless();
  await expect(readBoundedBody(request(sender.stream), 10_000)).rejects.toMatchObject({ code: 'too_large' });
  expect(sender.taken()).toBeLessThan(20_000);
});

test('an announced length above the limit is refused unread', async () => {
  const sender = endless();
  const announced = request(sender.stream, { 'content-length': '10001' });
  await expect(readBoundedBody(announced, 10_000)).rejects.toMatchObject({ code: 'too_large' });
  expect(sender.taken()).toBeLessThanOrEqual(1000);
});

test('a body that breaks off is a bad request', async () => {
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error('connection lost'));
    },
  });
  await expect(readBoundedBody(request(stream), 10)).rejects.toMatchObject({ code: 'bad_request' });
});

test('no body is an empty one', async () => {
  expect(await readBoundedBody(new Request('https://edge.example/'), 10)).toHaveLength(0);
});
