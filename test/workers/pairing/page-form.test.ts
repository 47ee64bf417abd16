import { describe, expect, test } from 'vitest';
import { httpStatus, toPryxError } from '../../../shared/error.ts';
import { readForm } from '../../../workers/pairing/pages/read-form.ts';

const origin = 'https://edge.example';

/** What becomes of a form with these headers: the value of its field, or the status of the refusal. */
async function send(headers: Record<string, string>, body = 'name=value'): Promise<string | number> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = new Request(`${origin}/form`, { method: 'POST', headers: { ...type, ...headers }, body });
  try {
    return (await readForm(request, origin))('name');
  } catch (error) {
    return httpStatus(toPryxError(error));
  }
}

describe('a form', () => {
  test.each([
    { origin },
    { origin, 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'same-origin' },
    { origin, 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
  ])('that a page of ours sends is read: %j', async (headers) => {
    expect(await send(headers)).toBe('value');
  });

  test.each([
    {},
    { origin: 'null' },
    { origin: 'http://edge.example' },
    { origin: 'https://edge.example:8443' },
    { origin: 'https://edge.example.evil.example' },
    { origin: 'https://evil.example' },
    { origin: `${origin}/` },
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
    { origin, 'sec-fetch-site': 'cross-site' },
    { origin, 'sec-fetch-site': 'same-site' },
    { origin, 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { referer: `${origin}/pair` },
  ])('that may come from elsewhere is refused: %j', async (headers) => {
    expect(await send(headers as Record<string, string>)).toBe(401);
  });

  test('is a form, and of a size', async () => {
    expect(await send({ origin, 'content-type': 'application/json' })).toBe(415);
    expect(await send({ origin, 'content-type': 'text/plain' })).toBe(415);
    expect(await send({ origin }, 'x'.repeat(64 * 1024 + 1))).toBe(413);
  });

  test('says nothing in a field that it does not have', async () => {
    expect(await send({ origin }, 'other=1')).toBe('');
  });
});
