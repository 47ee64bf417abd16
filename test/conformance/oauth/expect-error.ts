/** What an error of an OAuth endpoint looks like (RFC 6749, section 5.2). */
import { expect } from 'vitest';
import type { Answer } from './http.ts';

export function expectError(answer: Answer, error: string, status = 400): void {
  expect({ status: answer.status, error: answer.body['error'] }, answer.text).toEqual({ status, error });
  expectErrorForm(answer);
}

/** The form alone: JSON, the characters that are allowed, nothing to be cached. */
export function expectErrorForm({ headers, body }: Answer): void {
  expect(headers['content-type']).toMatch(/^application\/json\b/);
  expect(headers['cache-control']).toContain('no-store');
  expect(body['error']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  expect(body['error_description'] ?? '').toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
}

/** JSON that holds a secret: nobody on the way keeps it (RFC 6749, section 5.1). */
export function expectSecretJson({ status, headers, text, body }: Answer): void {
  expect(status).toBe(200);
  // Of two members of one name a parser would show one.
  expect(text.match(/"[a-z_]+":/g)).toHaveLength(Object.keys(body).length);
  expect(headers['content-type']).toMatch(/^application\/json\b/);
  expect(headers['cache-control']).toContain('no-store');
}
