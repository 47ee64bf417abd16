/** RFC 9110: HTTP, where OAuth rests on it. */
import { type Clause, suites } from './clause.ts';

export const rfc9110: readonly Clause[] = [
  {
    id: 'RFC 9110 §11.6.1-1',
    level: 'MUST',
    who: 'edge',
    text: 'A 401 carries WWW-Authenticate.',
    shown: { in: suites.resource, by: 'RFC 9110 §11.6.1: every 401 of the edge carries a challenge' },
  },
  {
    id: 'RFC 9110 §15.5.6-1',
    level: 'MUST',
    who: 'edge',
    text: 'A 405 carries Allow.',
    shown: {
      in: suites.metadata,
      by: 'RFC 9110 §15.5.6: a method that an endpoint does not take is 405, with those that it takes',
    },
  },
];
