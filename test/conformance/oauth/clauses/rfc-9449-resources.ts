/** RFC 9449, continued: resources, nonces and security (sections 7 to 11). */
import { type Clause, suites } from './clause.ts';

export const rfc9449Resources: readonly Clause[] = [
  {
    id: 'RFC 9449 §7-1',
    level: 'MUST',
    who: 'device',
    text: 'A request to a resource has the token and a proof with ath.',
    shown: {
      in: suites.device,
      by: 'RFC 9449 §7: a request to the edge carries the token once, and a proof with its hash',
    },
  },
  {
    id: 'RFC 9449 §7.1-1',
    level: 'MUST',
    who: 'edge',
    text: 'A DPoP header field is there, and the proof is checked.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is refused at a resource, with a challenge that says so',
    },
  },
  {
    id: 'RFC 9449 §7.1-2',
    level: 'MUST NOT',
    who: 'edge',
    text: 'Access is given when any check fails.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §7.1: no access without a proof, without ath, with the ath of another token, or by another key',
    },
  },
  {
    id: 'RFC 9449 §7.1-3',
    level: 'prose',
    who: 'edge',
    text: 'The scheme is read in any case, and one or more spaces follow it.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §7.1: a token with a proof by its key opens the resource, whatever the case of the scheme',
    },
  },
  {
    id: 'RFC 9449 §7.1-4',
    level: 'SHOULD',
    who: 'edge',
    text: 'A 401 has error, when a token was shown.',
    shown: {
      in: suites.resource,
      by: 'RFC 6750 §3.1: who shows nothing is challenged without an error code; who shows a token that is not good is told invalid_token',
    },
  },
  {
    id: 'RFC 9449 §7.1-5',
    level: 'SHOULD',
    who: 'edge',
    text: 'A 401 has algs.',
    shown: { in: suites.resource, by: 'RFC 9110 §11.6.1: every 401 of the edge carries a challenge' },
  },
  {
    id: 'RFC 9449 §7.1-6',
    level: 'MUST NOT',
    who: 'edge',
    text: 'The scheme is used with Proxy-Authenticate.',
    shown: { notApplicable: 'The edge is no proxy.' },
  },
  {
    id: 'RFC 9449 §7.1-7',
    level: 'MUST',
    who: 'device',
    text: 'Parameters of a challenge that are not known are ignored.',
    shown: { notApplicable: 'The daemon reads the status and the code of the body, not the challenge.' },
  },
  {
    id: 'RFC 9449 §7.2-1',
    level: 'MUST',
    who: 'edge',
    text: 'A bound token is not taken as a bearer token.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §7.2: a bound token is not taken as a bearer token, nor from form or address (RFC 6750 §2)',
    },
  },
  {
    id: 'RFC 9449 §7.2-2',
    level: 'RECOMMENDED',
    who: 'edge',
    text: 'Rules for servers that take both schemes.',
    shown: { notApplicable: 'The edge speaks the DPoP scheme alone, and challenges with it alone.' },
  },
  {
    id: 'RFC 9449 §7.3-1',
    level: 'RECOMMENDED',
    who: 'device',
    text: 'A repeated request has a proof of its own.',
    shown: {
      in: suites.device,
      by: 'RFC 9449 §4.2: a proof of the device has what a proof must have, and another jti each time',
    },
  },
  {
    id: 'RFC 9449 §8-1',
    level: 'prose',
    who: 'edge',
    text: 'Without a nonce: 400 use_dpop_nonce, with a DPoP-Nonce.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §8: without a nonce: 400 use_dpop_nonce, and one DPoP-Nonce header field that says which',
    },
  },
  {
    id: 'RFC 9449 §8-2',
    level: 'MUST',
    who: 'edge',
    text: 'Nonces are unpredictable.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §8: a nonce cannot be told beforehand: it is no clock, and another edge does not take it',
    },
  },
  {
    id: 'RFC 9449 §8-3',
    level: 'MUST NOT',
    who: 'edge',
    text: 'There is more than one DPoP-Nonce header field.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §8: without a nonce: 400 use_dpop_nonce, and one DPoP-Nonce header field that says which',
    },
  },
  {
    id: 'RFC 9449 §8-4',
    level: 'MUST',
    who: 'edge',
    text: 'A nonce that does not match one recently given is refused.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §8: a nonce that the edge did not give is refused, and the one to use comes with it',
    },
  },
  {
    id: 'RFC 9449 §8-5',
    level: 'prose',
    who: 'device',
    text: 'The request is made again with the nonce.',
    shown: { in: suites.pairing, by: 'takes the nonce that the edge wants, also when that changes' },
  },
  {
    id: 'RFC 9449 §8.1-1',
    level: 'prose',
    who: 'edge',
    text: 'A nonce is of the characters %x21 / %x23-5B / %x5D-7E.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §8: without a nonce: 400 use_dpop_nonce, and one DPoP-Nonce header field that says which',
    },
  },
  {
    id: 'RFC 9449 §8.2-1',
    level: 'MUST',
    who: 'device',
    text: 'A new nonce is used from the next request on.',
    shown: { in: suites.pairing, by: 'takes the nonce that the edge wants, also when that changes' },
  },
  {
    id: 'RFC 9449 §8.2-2',
    level: 'prose',
    who: 'edge',
    text: 'Answers with a DPoP-Nonce are not cacheable.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §8.2: an answer with tokens brings the nonce for the next request, and is not cached',
    },
  },
  {
    id: 'RFC 9449 §9-1',
    level: 'prose',
    who: 'edge',
    text: 'A resource server that wants a nonce says so with 401.',
    shown: {
      notApplicable:
        'The edge wants a nonce where tokens are given, not at resources: there ath limits what can be made in advance (§11.2).',
    },
  },
  {
    id: 'RFC 9449 §10-1',
    level: 'MUST',
    who: 'edge',
    text: 'A code whose request named dpop_jkt is redeemed by that key alone; here for the device code (decision 054).',
    shown: {
      in: suites.polling,
      by: 'RFC 8628 §3.4: an approved code is of no use to another key (RFC 9449 §10), nor to another client, and stays good for its own',
    },
  },
  {
    id: 'RFC 9449 §10.1-1',
    level: 'MUST',
    who: 'edge',
    text: 'dpop_jkt at the pushed authorization endpoint.',
    shown: { notApplicable: 'There are no pushed authorization requests.' },
  },
  {
    id: 'RFC 9449 §11.1-1',
    level: 'MUST',
    who: 'edge',
    text: 'A proof is taken for a limited time only.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §11.1-2',
    level: 'prose',
    who: 'edge',
    text: 'A proof is taken once at the token endpoint.',
    shown: { in: suites.proofs, by: 'RFC 9449 §11.1: a proof that gave a token is not taken again' },
  },
  {
    id: 'RFC 9449 §11.1-3',
    level: 'prose',
    who: 'edge',
    text: 'A proof is taken once at a resource.',
    shown: { in: suites.resource, by: 'RFC 9449 §11.1: a proof is taken once at a resource' },
  },
  {
    id: 'RFC 9449 §11.1-4',
    level: 'prose',
    who: 'edge',
    text: 'Proofs with needlessly large jti are refused.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §11.2-1',
    level: 'SHOULD NOT',
    who: 'edge',
    text: 'Without nonces at resources, access tokens are long-lived.',
    shown: { in: suites.accessTokens, by: 'RFC 9449 §11.2: it lives fifteen minutes' },
  },
  {
    id: 'RFC 9449 §11.3-1',
    level: 'MUST NOT',
    who: 'edge',
    text: 'Once a nonce was given, a proof without one is taken.',
    shown: { in: suites.proofs, by: 'RFC 9449 §11.3: once a nonce was given, no proof without one is taken' },
  },
  {
    id: 'RFC 9449 §11.5-1',
    level: 'MUST',
    who: 'edge',
    text: 'typ is checked, so that no other JWT serves as a proof.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §11.6-1',
    level: 'MUST',
    who: 'edge',
    text: 'Only asymmetric algorithms are taken.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §11.6-2',
    level: 'MUST NOT',
    who: 'edge',
    text: 'none is taken.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
];
