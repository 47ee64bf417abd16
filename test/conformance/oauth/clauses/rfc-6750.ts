/** RFC 6750: bearer tokens, where DPoP takes over its rules (RFC 9449, section 7.1). */
import { type Clause, suites } from './clause.ts';

export const rfc6750: readonly Clause[] = [
  {
    id: 'RFC 6750 §2-1',
    level: 'MUST NOT',
    who: 'device',
    text: 'A token is sent in more than one way in a request.',
    shown: {
      in: suites.device,
      by: 'RFC 9449 §7: a request to the edge carries the token once, and a proof with its hash',
    },
  },
  {
    id: 'RFC 6750 §2.3-1',
    level: 'SHOULD NOT',
    who: 'edge',
    text: 'A token is taken from the query of an address.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §7.2: a bound token is not taken as a bearer token, nor from form or address (RFC 6750 §2)',
    },
  },
  {
    id: 'RFC 6750 §3-1',
    level: 'MUST',
    who: 'edge',
    text: 'A request without a token that gives access is answered with WWW-Authenticate.',
    shown: { in: suites.resource, by: 'RFC 9110 §11.6.1: every 401 of the edge carries a challenge' },
  },
  {
    id: 'RFC 6750 §3-2',
    level: 'SHOULD',
    who: 'edge',
    text: 'A token that failed is told why, by error.',
    shown: {
      in: suites.resource,
      by: 'RFC 6750 §3.1: who shows nothing is challenged without an error code; who shows a token that is not good is told invalid_token',
    },
  },
  {
    id: 'RFC 6750 §3.1-1',
    level: 'SHOULD NOT',
    who: 'edge',
    text: 'Who showed nothing is told an error code.',
    shown: {
      in: suites.resource,
      by: 'RFC 6750 §3.1: who shows nothing is challenged without an error code; who shows a token that is not good is told invalid_token',
    },
  },
];
