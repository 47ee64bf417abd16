/** Claims that must be refused though their signature holds, and as what (docs/protocol.md). */
import type { RefusalCode } from '../../../shared/wire/frame.ts';
import { jobClaims } from '../../../shared/wire/job.ts';

/** What the reader of these claims expects; a whole number of seconds, so that edges can be told apart. */
export const expectation = {
  issuer: 'https://edge.example',
  audience: 'device-1',
  now: 1_800_000_000_000,
  seq: 7,
} as const;
const now = expectation.now / 1000;
const skew = 300;

/** Claims that pass; `body` is no seal yet. */
export const goodClaims = {
  iss: expectation.issuer,
  aud: expectation.audience,
  jti: 'tg:1:1',
  seq: expectation.seq,
  iat: now - 1.5,
  exp: now + 86_400,
  kind: 'telegram.update' as const,
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  body: 'sealed',
};

export interface BadClaims {
  title: string;
  code: RefusalCode;
  /** The payload of the token. */
  payload: string | Uint8Array;
}

const changed = (title: string, change: Record<string, unknown>, code: RefusalCode = 'malformed'): BadClaims => ({
  title,
  code,
  payload: JSON.stringify({ ...goodClaims, ...change }),
});
const text = (title: string, payload: string | Uint8Array): BadClaims => ({ title, code: 'malformed', payload });

const names = Object.keys(jobClaims.shape);

export const badClaims: readonly BadClaims[] = [
  ...names.map((name) => changed(`${name} is missing`, { [name]: undefined })),
  ...names.flatMap((name) =>
    [null, true, [], {}, ['x']].map((value) => changed(`${name} is ${JSON.stringify(value)}`, { [name]: value })),
  ),
  ...['iss', 'aud', 'jti', 'kind', 'traceparent', 'body'].map((name) => changed(`${name} is a number`, { [name]: 7 })),
  ...['seq', 'iat', 'exp'].map((name) => changed(`${name} is a text`, { [name]: String(goodClaims.exp) })),
  changed('there is a claim more', { nbf: now }),
  changed('aud is a list that holds the device', { aud: [expectation.audience] }),
  changed('an empty jti', { jti: '' }),
  changed('a jti of 257 characters', { jti: 'x'.repeat(257) }),
  changed('an unknown kind', { kind: 'shell.run' }),
  changed('seq 0', { seq: 0 }),
  changed('a negative seq', { seq: -1 }),
  changed('a seq with a fraction', { seq: 7.5 }),
  changed('a seq beyond exact numbers', { seq: 2 ** 53 }),
  changed('a negative iat', { iat: -1 }),
  text('an exp beyond all numbers', JSON.stringify(goodClaims).replace(/"exp":\d+/, '"exp":1e999')),
  changed('a traceparent of another version', { traceparent: goodClaims.traceparent.replace('00-', '01-') }),
  changed('a traceparent in capitals', { traceparent: goodClaims.traceparent.toUpperCase() }),
  changed('a traceparent with something behind', { traceparent: `${goodClaims.traceparent}\n` }),
  text('__proto__ as a claim', JSON.stringify(goodClaims).replace('{', '{"__proto__":{"seq":7},')),
  text('no JSON', 'claims'),
  text('nothing', ''),
  text('null', 'null'),
  text('a list', `[${JSON.stringify(goodClaims)}]`),
  text(
    'bytes that are not UTF-8',
    Uint8Array.from(JSON.stringify({ ...goodClaims, jti: 'tg:é' }), (character) => character.charCodeAt(0)),
  ),
  text('a byte order mark', `\ufeff${JSON.stringify(goodClaims)}`),
  text('something behind its JSON', `${JSON.stringify(goodClaims)}{}`),

  changed('another issuer', { iss: 'https://attacker.example' }, 'wrong_issuer'),
  changed('the issuer with a slash', { iss: `${expectation.issuer}/` }, 'wrong_issuer'),
  changed('the issuer in capitals', { iss: expectation.issuer.toUpperCase() }, 'wrong_issuer'),
  changed('another device', { aud: 'device-2' }, 'wrong_audience'),
  changed('an empty audience', { aud: '' }, 'wrong_audience'),
  changed('another sequence than the frame says', { seq: 8 }, 'wrong_sequence'),
  changed('expired beyond the skew of clocks', { exp: now - skew - 0.001 }, 'expired'),
  changed('made in the future, beyond the skew of clocks', { iat: now + skew + 0.001 }, 'expired'),
  changed('expired before it was made', { iat: now + 10, exp: now + 5 }, 'expired'),
  changed('expired when it was made', { iat: now, exp: now }, 'expired'),
];

/** At the very edge of what is taken. */
export const edgeClaims: readonly { title: string; change: Partial<typeof goodClaims> | Record<string, unknown> }[] = [
  { title: 'expired as long ago as clocks may differ', change: { exp: now - skew, iat: now - 86_400 } },
  { title: 'made as far ahead as clocks may differ', change: { iat: now + skew } },
  { title: 'valid for a millisecond', change: { iat: now, exp: now + 0.001 } },
  { title: 'the longest jti', change: { jti: 'x'.repeat(256) } },
];
