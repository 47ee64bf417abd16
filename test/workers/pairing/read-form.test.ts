/** Forms as they come from outside. */
import { describe, expect, test } from 'vitest';
import { pageOrigin } from '../../../shared/pairing/page-origin.ts';
import { maxFormBytes, readForm } from '../../../workers/pairing/read-form.ts';

const formType = 'application/x-www-form-urlencoded';

function request(body: string | Uint8Array, type = formType): Request {
  // Without an announced length, as when a body comes in chunks.
  const stream = new Blob([body]).stream();
  return new Request('https://edge.example', {
    method: 'POST',
    headers: { 'content-type': type },
    body: stream,
    duplex: 'half',
  });
}

describe('a form', () => {
  test('is read by name, and what has no value is left out', async () => {
    expect({ ...(await readForm(request('a=1&b=&c&d=x%20y+z'))) }).toEqual({ a: '1', d: 'x y z' });
    expect({ ...(await readForm(request('a=1', `${formType.toUpperCase()} ; charset=utf-8`))) }).toEqual({ a: '1' });
  });

  test('holds each parameter once, with a value or without', async () => {
    for (const body of ['a=1&a=1', 'a=1&b=2&a=', 'a&a', 'a=1&%61=1'])
      await expect(readForm(request(body))).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('has no names of its own', async () => {
    const form = await readForm(request('__proto__=x&constructor=y'));
    expect([form['__proto__'], form['constructor'], form['toString']]).toEqual(['x', 'y', undefined]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('is refused when it is something else', async () => {
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', '', `${formType}x`])
      await expect(readForm(request('a=1', type))).rejects.toMatchObject({ code: 'unsupported_media_type' });
    await expect(readForm(request(new Uint8Array([0x61, 0x3d, 0xff])))).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('is read up to its limit, whether its length was announced or not', async () => {
    const fits = `a=${'x'.repeat(maxFormBytes - 2)}`;
    expect((await readForm(request(fits)))['a']).toHaveLength(maxFormBytes - 2);
    await expect(readForm(request(`${fits}x`))).rejects.toMatchObject({ code: 'too_large' });
    const announced = new Request('https://edge.example', {
      method: 'POST',
      headers: { 'content-type': formType, 'content-length': String(maxFormBytes + 1) },
      body: 'a=1',
    });
    await expect(readForm(announced)).rejects.toMatchObject({ code: 'too_large' });
  });
});

test.each([
  ['http://127.0.0.1:8787', 'http://localhost:8787'],
  ['http://127.1.2.3', 'http://localhost'],
  ['http://[::1]:8787', 'http://localhost:8787'],
  ['http://localhost:8787', 'http://localhost:8787'],
  ['https://edge.example', 'https://edge.example'],
  ['https://127.0.0.1.example', 'https://127.0.0.1.example'],
  ['https://192.0.2.1:8443', 'https://192.0.2.1:8443'],
])('the pages of the edge at %s are at %s', (origin, pages) => {
  expect(pageOrigin(origin)).toBe(pages);
});
