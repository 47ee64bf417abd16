/** RFC 9068: JWT profile for access tokens. Ours have its form, and are read by the edge alone. */
import { type Clause, suites } from './clause.ts';

export const rfc9068: readonly Clause[] = [
  {
    id: 'RFC 9068 §2.1-1',
    level: 'MUST',
    who: 'edge',
    text: 'A token is signed, and not with none.',
    shown: { in: suites.accessTokens, by: 'RFC 9068 §2.1: it is signed, and its type is at+jwt' },
  },
  {
    id: 'RFC 9068 §2.1-2',
    level: 'MUST',
    who: 'edge',
    text: 'RS256 is among the algorithms of both servers.',
    shown: {
      notApplicable:
        'The edge is the only one who signs and the only one who reads, with Ed25519 (RFC 9864). Taking RS256 would add a way in for nobody.',
    },
  },
  {
    id: 'RFC 9068 §2.1-3',
    level: 'MUST',
    who: 'edge',
    text: 'typ is application/at+jwt, and SHOULD be written at+jwt.',
    shown: { in: suites.accessTokens, by: 'RFC 9068 §2.1: it is signed, and its type is at+jwt' },
  },
  {
    id: 'RFC 9068 §2.2-1',
    level: 'REQUIRED',
    who: 'edge',
    text: 'iss, exp, aud, sub, client_id, iat and jti.',
    shown: { in: suites.accessTokens, by: 'RFC 9068 §2.2: it says iss, exp, aud, sub, client_id, iat and jti' },
  },
  {
    id: 'RFC 9068 §2.2-2',
    level: 'SHOULD',
    who: 'edge',
    text: 'sub is the resource owner, where one is involved.',
    shown: { notApplicable: 'There is one owner an edge; what has to be told apart is the device (decision 001).' },
  },
  {
    id: 'RFC 9068 §2.2.3-1',
    level: 'SHOULD',
    who: 'edge',
    text: 'scope is there when a scope was asked for.',
    shown: { in: suites.accessTokens, by: 'RFC 9068 §2.2.3: it says the scope that was asked for' },
  },
  {
    id: 'RFC 9068 §3-1',
    level: 'MUST',
    who: 'edge',
    text: 'Without a resource parameter, aud is a default.',
    shown: { in: suites.accessTokens, by: 'RFC 9068 §2.2: it says iss, exp, aud, sub, client_id, iat and jti' },
  },
  {
    id: 'RFC 9068 §4-1',
    level: 'SHOULD',
    who: 'edge',
    text: 'Signing keys and issuer are told by metadata.',
    shown: {
      in: suites.accessTokens,
      by: 'RFC 9068 §4: a key at jwks_uri verifies it, for the issuer of the metadata',
    },
  },
  {
    id: 'RFC 9068 §4-2',
    level: 'MUST',
    who: 'edge',
    text: 'typ, iss, aud, signature and exp are checked, and none is refused.',
    shown: {
      in: suites.resource,
      by: 'RFC 9068 §4: a token is refused when its type, issuer, audience, signature, algorithm or time is not right',
    },
  },
  {
    id: 'RFC 9068 §4-3',
    level: 'MUST',
    who: 'edge',
    text: 'Errors are those of RFC 6750, section 3.1.',
    shown: {
      in: suites.resource,
      by: 'RFC 6750 §3.1: who shows nothing is challenged without an error code; who shows a token that is not good is told invalid_token',
    },
  },
  {
    id: 'RFC 9068 §4-4',
    level: 'ours',
    who: 'edge',
    text: 'An independent reader of the profile accepts the token.',
    shown: { in: suites.independent, by: 'oauth4webapi takes an access token for a JWT of RFC 9068, with its proof' },
  },
  {
    id: 'RFC 9068 §6-1',
    level: 'MUST NOT',
    who: 'device',
    text: 'The client looks into the access token.',
    shown: { in: suites.device, by: 'RFC 9068 §6: to the device an access token is a text like any other' },
  },
];
