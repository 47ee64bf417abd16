/** RFC 8414: OAuth 2.0 Authorization Server Metadata. */
import { type Clause, suites } from './clause.ts';

export const rfc8414: readonly Clause[] = [
  {
    id: 'RFC 8414 §2-1',
    level: 'REQUIRED',
    who: 'edge',
    text: 'issuer: a URL without query or fragment.',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §2: the issuer has neither query nor fragment, and every endpoint is of the same origin, without a fragment',
    },
  },
  {
    id: 'RFC 8414 §2-2',
    level: 'REQUIRED',
    who: 'edge',
    text: 'authorization_endpoint, unless no grant type uses one.',
    shown: { in: suites.metadata, by: 'RFC 9700 §2.4: neither the password grant nor the implicit grant is there' },
  },
  {
    id: 'RFC 8414 §2-3',
    level: 'REQUIRED',
    who: 'edge',
    text: 'token_endpoint.',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §2: the issuer has neither query nor fragment, and every endpoint is of the same origin, without a fragment',
    },
  },
  {
    id: 'RFC 8414 §2-4',
    level: 'MUST',
    who: 'edge',
    text: 'jwks_uri is https; of an edge on one’s own machine all is http.',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §2: the issuer has neither query nor fragment, and every endpoint is of the same origin, without a fragment',
    },
  },
  {
    id: 'RFC 8414 §2-5',
    level: 'RECOMMENDED',
    who: 'edge',
    text: 'scopes_supported.',
    shown: { in: suites.metadata, by: 'RFC 8414 §2: scopes_supported names the one scope' },
  },
  {
    id: 'RFC 8414 §2-6',
    level: 'REQUIRED',
    who: 'edge',
    text: 'response_types_supported, which is an empty list here: the section asks for it, §3.2 would leave it out.',
    shown: { in: suites.metadata, by: 'RFC 8414 §2: response_types_supported is there' },
  },
  {
    id: 'RFC 8414 §2-7',
    level: 'prose',
    who: 'edge',
    text: 'A member is there when its default does not hold: grants, ways to authenticate at token and revocation endpoint.',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §2: what differs from the defaults is said: grants, and that there are no client secrets',
    },
  },
  {
    id: 'RFC 8414 §3-1',
    level: 'MUST',
    who: 'edge',
    text: 'The document is at the issuer, with /.well-known/oauth-authorization-server between host and path.',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §3: it is a JSON object at /.well-known/oauth-authorization-server, by GET, with 200',
    },
  },
  {
    id: 'RFC 8414 §3-2',
    level: 'MUST',
    who: 'edge',
    text: 'Over https.',
    shown: { in: suites.metadata, by: 'RFC 6749 §3.2: without TLS nobody is served but this machine itself' },
  },
  {
    id: 'RFC 8414 §3.1-1',
    level: 'MUST',
    who: 'device',
    text: 'It is asked for with GET.',
    shown: {
      in: suites.pairing,
      by: 'tells the edge who asks, shows code and words, and comes back with tokens and keys to pin',
    },
  },
  {
    id: 'RFC 8414 §3.2-1',
    level: 'MUST',
    who: 'edge',
    text: 'A successful answer is 200, a JSON object, application/json.',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §3: it is a JSON object at /.well-known/oauth-authorization-server, by GET, with 200',
    },
  },
  {
    id: 'RFC 8414 §3.2-2',
    level: 'MUST',
    who: 'edge',
    text: 'Members with zero elements are left out.',
    shown: { in: suites.metadata, by: 'RFC 8414 §3.2: no member but the one that must be there is an empty list' },
  },
  {
    id: 'RFC 8414 §3.3-1',
    level: 'MUST',
    who: 'edge',
    text: 'The issuer is identical with the one that the address was made from.',
    shown: {
      in: suites.metadata,
      by: 'RFC 8414 §3.3: the issuer is, character for character, what the well-known path was put behind',
    },
  },
  {
    id: 'RFC 8414 §3.3-2',
    level: 'MUST NOT',
    who: 'device',
    text: 'When the issuer differs, nothing of the document is used.',
    shown: { in: suites.pairing, by: 'says that it is another' },
  },
  {
    id: 'RFC 8414 §4-1',
    level: 'MUST',
    who: 'device',
    text: 'Issuers are compared code point by code point, without normalisation.',
    shown: { in: suites.pairing, by: 'says that it is another' },
  },
  {
    id: 'RFC 8414 §6.1-1',
    level: 'MUST',
    who: 'device',
    text: 'Metadata is fetched over TLS, with the certificate checked.',
    shown: {
      in: suites.device,
      by: 'RFC 8628 §3.1: a device speaks to https addresses alone, and to http ones of its own machine',
    },
  },
  {
    id: 'RFC 8414 §6.2-1',
    level: 'MUST',
    who: 'device',
    text: 'The issuer used for the request exactly matches the one in the document.',
    shown: { in: suites.pairing, by: 'says that it is another' },
  },
];
