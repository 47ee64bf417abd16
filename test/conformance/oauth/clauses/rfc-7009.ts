/** RFC 7009: OAuth 2.0 Token Revocation. */
import { type Clause, suites } from './clause.ts';

export const rfc7009: readonly Clause[] = [
  {
    id: 'RFC 7009 §2-1',
    level: 'MUST',
    who: 'edge',
    text: 'Refresh tokens can be revoked.',
    shown: {
      in: suites.revoking,
      by: 'RFC 7009 §2: a refresh token is revoked at once, and its access tokens with it (§2.1)',
    },
  },
  {
    id: 'RFC 7009 §2-2',
    level: 'SHOULD',
    who: 'edge',
    text: 'Access tokens can be revoked.',
    shown: {
      in: suites.revoking,
      by: 'RFC 7009 §2: an access token is revoked at once, and its refresh token with it (§2.1)',
    },
  },
  {
    id: 'RFC 7009 §2-3',
    level: 'MUST',
    who: 'edge',
    text: 'The URL has no fragment (RFC 6749, section 3.1).',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §2: the issuer has neither query nor fragment, and every endpoint is of the same origin, without a fragment',
    },
  },
  {
    id: 'RFC 7009 §2-4',
    level: 'MUST',
    who: 'edge',
    text: 'The URL is https, and the server uses TLS.',
    shown: { in: suites.metadata, by: 'RFC 6749 §3.2: without TLS nobody is served but this machine itself' },
  },
  {
    id: 'RFC 7009 §2-5',
    level: 'MUST NOT',
    who: 'edge',
    text: 'A http URL of the endpoint is not published.',
    shown: { in: suites.metadata, by: 'RFC 6749 §3.2: without TLS nobody is served but this machine itself' },
  },
  {
    id: 'RFC 7009 §2-6',
    level: 'SHOULD',
    who: 'edge',
    text: 'Where the host is reachable over http, revocation is offered there too.',
    shown: {
      notApplicable:
        'Without TLS nothing is served at all, so that no token is sent there twice; the only client does not speak http but to its own machine.',
    },
  },
  {
    id: 'RFC 7009 §2-7',
    level: 'MUST',
    who: 'device',
    text: 'The client checks that the endpoint is https.',
    shown: {
      notApplicable:
        'The daemon revokes through DELETE /devices/:id at its edge, whose origin is https (or of its own machine).',
    },
  },
  {
    id: 'RFC 7009 §2-8',
    level: 'ours',
    who: 'edge',
    text: 'A revoked pairing is over: the device is paired anew, and older tokens stay dead.',
    shown: {
      in: suites.revoking,
      by: 'RFC 7009 §2: a device that revoked itself is gone for its owner too, and may be paired again',
    },
  },
  {
    id: 'RFC 7009 §2.1-1',
    level: 'REQUIRED',
    who: 'edge',
    text: 'token, as a parameter of the form in the body.',
    shown: { in: suites.revoking, by: 'RFC 7009 §2.1: token must be there, once, in the form in the body' },
  },
  {
    id: 'RFC 7009 §2.1-2',
    level: 'MUST',
    who: 'edge',
    text: 'When the hint does not lead to the token, the search goes on over all types.',
    shown: { in: suites.revoking, by: 'RFC 7009 §2.1: a hint that is wrong, or of no known type, changes nothing' },
  },
  {
    id: 'RFC 7009 §2.1-3',
    level: 'prose',
    who: 'edge',
    text: 'The client is validated, and the token is one of its own.',
    shown: { in: suites.revoking, by: 'RFC 7009 §2.1: who asks says who it is; another client cannot revoke' },
  },
  {
    id: 'RFC 7009 §2.1-4',
    level: 'prose',
    who: 'edge',
    text: 'The revocation takes place at once; the token cannot be used after it.',
    shown: {
      in: suites.revoking,
      by: 'RFC 7009 §2: an access token is revoked at once, and its refresh token with it (§2.1)',
    },
  },
  {
    id: 'RFC 7009 §2.1-5',
    level: 'SHOULD',
    who: 'edge',
    text: 'With a refresh token its access tokens go.',
    shown: {
      in: suites.revoking,
      by: 'RFC 7009 §2: a refresh token is revoked at once, and its access tokens with it (§2.1)',
    },
  },
  {
    id: 'RFC 7009 §2.2-1',
    level: 'prose',
    who: 'edge',
    text: '200 when it was revoked, and for a token that is not valid.',
    shown: {
      in: suites.revoking,
      by: 'RFC 7009 §2.2: a token that is not good is 200 all the same, as is one that was revoked before',
    },
  },
  {
    id: 'RFC 7009 §2.2-2',
    level: 'prose',
    who: 'edge',
    text: 'An unknown hint is ignored.',
    shown: { in: suites.revoking, by: 'RFC 7009 §2.1: a hint that is wrong, or of no known type, changes nothing' },
  },
  {
    id: 'RFC 7009 §2.2.1-1',
    level: 'prose',
    who: 'edge',
    text: 'Errors are those of RFC 6749, section 5.2.',
    shown: { in: suites.revoking, by: 'RFC 7009 §2.1: token must be there, once, in the form in the body' },
  },
  {
    id: 'RFC 7009 §2.2.1-2',
    level: 'prose',
    who: 'edge',
    text: 'unsupported_token_type for a kind that cannot be revoked.',
    shown: { notApplicable: 'Both kinds that there are can be revoked.' },
  },
  {
    id: 'RFC 7009 §5-1',
    level: 'MUST',
    who: 'edge',
    text: 'What protects the token endpoint from floods and guessing protects this one.',
    shown: {
      in: suites.limits,
      by: 'RFC 7009 §5: guesses at tokens are limited where they are revoked as where they are used',
    },
  },
];
