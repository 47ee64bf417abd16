import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatePath, pairPath, readReturnPath } from '../../../workers/pairing/pages/return-path.ts';

describe('the way back after signing in', () => {
  test('leads to the page that was asked for', () => {
    expect(readReturnPath('/pair?user_code=BCDF-GHJK')).toBe('/pair?user_code=BCDF-GHJK');
    expect(readReturnPath('/pair?user_code=bcdfghjk')).toBe('/pair?user_code=BCDF-GHJK');
    expect(readReturnPath('/pair')).toBe('/pair');
    expect(readReturnPath('/account/passkeys/new')).toBe('/account/passkeys/new');
    expect(
      readReturnPath(new URLSearchParams(gatePath('/sign-in', pairPath('BCDFGHJK')).split('?')[1]).get('return')),
    ).toBe('/pair?user_code=BCDF-GHJK');
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/pair',
    'javascript:alert(1)',
    '/pair/../../evil',
    '/pair/decide',
    '/sign-out',
    '/account?done=x',
    '\u0000/pair',
    '/%2F/evil.example',
    '',
    null,
    undefined,
  ])('never leads away: %j', (asked) => {
    expect(readReturnPath(asked)).toBe('/account');
  });

  test('is one of four, whatever was asked for', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl({ withQueryParameters: true }),
          fc.string().map((s) => `/pair?user_code=${s}`),
        ),
        (asked) => {
          expect(readReturnPath(asked)).toMatch(
            /^(\/account|\/account\/passkeys\/new|\/pair|\/pair\?user_code=[B-Z]{4}-[B-Z]{4})$/,
          );
        },
      ),
    );
  });
});
