/** RFC 9449: OAuth 2.0 Demonstrating Proof of Possession (DPoP), proofs and the requests for tokens (sections 4 to 6). */
import { type Clause, suites } from './clause.ts';

export const rfc9449Tokens: readonly Clause[] = [
  {
    id: 'RFC 9449 §4.2-1',
    level: 'MUST',
    who: 'device',
    text: 'The header has typ dpop+jwt, an asymmetric alg, and jwk with the public key alone.',
    shown: {
      in: suites.device,
      by: 'RFC 9449 §4.2: a proof of the device has what a proof must have, and another jti each time',
    },
  },
  {
    id: 'RFC 9449 §4.2-2',
    level: 'MUST',
    who: 'device',
    text: 'The payload has jti, htm, htu and iat; jti is unique.',
    shown: {
      in: suites.device,
      by: 'RFC 9449 §4.2: a proof of the device has what a proof must have, and another jti each time',
    },
  },
  {
    id: 'RFC 9449 §4.2-3',
    level: 'MUST',
    who: 'device',
    text: 'With an access token there is ath, its SHA-256 in base64url.',
    shown: {
      in: suites.device,
      by: 'RFC 9449 §7: a request to the edge carries the token once, and a proof with its hash',
    },
  },
  {
    id: 'RFC 9449 §4.2-4',
    level: 'MUST',
    who: 'device',
    text: 'Once a nonce was given, the proof has it.',
    shown: { in: suites.pairing, by: 'takes the nonce that the edge wants, also when that changes' },
  },
  {
    id: 'RFC 9449 §4.2-5',
    level: 'MUST NOT',
    who: 'edge',
    text: 'alg is none or symmetric.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §4.2-6',
    level: 'MUST NOT',
    who: 'edge',
    text: 'jwk has a private key.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §4.2-7',
    level: 'ours',
    who: 'edge',
    text: 'Claims that are not known are let be.',
    shown: { in: suites.proofs, by: 'RFC 9449 §4.2: a proof may have claims that the edge does not know' },
  },
  {
    id: 'RFC 9449 §4.3-1',
    level: 'MUST',
    who: 'edge',
    text: 'Not more than one DPoP header field.',
    shown: { in: suites.proofs, by: 'RFC 9449 §4.3: the token endpoint takes one proof, which is one well-formed JWT' },
  },
  {
    id: 'RFC 9449 §4.3-2',
    level: 'MUST',
    who: 'edge',
    text: 'Its value is one well-formed JWT.',
    shown: { in: suites.proofs, by: 'RFC 9449 §4.3: the token endpoint takes one proof, which is one well-formed JWT' },
  },
  {
    id: 'RFC 9449 §4.3-3',
    level: 'MUST',
    who: 'edge',
    text: 'All required claims are there.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §4.3-4',
    level: 'MUST',
    who: 'edge',
    text: 'typ is dpop+jwt.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §4.3-5',
    level: 'MUST',
    who: 'edge',
    text: 'alg is asymmetric, not none, supported and acceptable.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §4.3-6',
    level: 'MUST',
    who: 'edge',
    text: 'The signature verifies with jwk.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §4.3-7',
    level: 'MUST',
    who: 'edge',
    text: 'jwk holds no private key.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint',
    },
  },
  {
    id: 'RFC 9449 §4.3-8',
    level: 'MUST',
    who: 'edge',
    text: 'htm is the method of the request.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is refused at a resource, with a challenge that says so',
    },
  },
  {
    id: 'RFC 9449 §4.3-9',
    level: 'MUST',
    who: 'edge',
    text: 'htu is the address of the request without query and fragment.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §4.3: a proof with anything wrong in it is refused at a resource, with a challenge that says so',
    },
  },
  {
    id: 'RFC 9449 §4.3-10',
    level: 'MUST',
    who: 'edge',
    text: 'nonce is one that the server gave.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §8: a nonce that the edge did not give is refused, and the one to use comes with it',
    },
  },
  {
    id: 'RFC 9449 §4.3-11',
    level: 'MUST',
    who: 'edge',
    text: 'The time of the proof lies within an acceptable window.',
    shown: { in: suites.proofs, by: 'RFC 9449 §11.1: clocks may lie some minutes apart' },
  },
  {
    id: 'RFC 9449 §4.3-12',
    level: 'MUST',
    who: 'edge',
    text: 'With an access token: ath is its hash, and the key is the one that the token is bound to.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §7.1: no access without a proof, without ath, with the ath of another token, or by another key',
    },
  },
  {
    id: 'RFC 9449 §4.3-13',
    level: 'SHOULD',
    who: 'edge',
    text: 'htu is normalised by syntax and scheme before it is compared.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §4.3: the address of a proof is compared without query and fragment, and normalised',
    },
  },
  {
    id: 'RFC 9449 §5-1',
    level: 'MUST',
    who: 'device',
    text: 'A proof goes with every request to the token endpoint.',
    shown: {
      in: suites.device,
      by: 'RFC 8628 §3.4: every poll carries grant type, code, client and a proof of its own',
    },
  },
  {
    id: 'RFC 9449 §5-2',
    level: 'prose',
    who: 'edge',
    text: 'A request with an invalid proof is invalid_dpop_proof, and no token without a proof.',
    shown: { in: suites.proofs, by: 'RFC 9449 §5: without a proof there is no token' },
  },
  {
    id: 'RFC 9449 §5-3',
    level: 'MUST',
    who: 'edge',
    text: 'token_type is DPoP.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §5: token_type is DPoP, and the token is bound to the key of the proof by its thumbprint (§6.1)',
    },
  },
  {
    id: 'RFC 9449 §5-4',
    level: 'MUST',
    who: 'edge',
    text: 'A refresh token of a public client is bound to the key of the proof, and the binding is validated.',
    shown: {
      in: suites.refreshing,
      by: 'RFC 9449 §5: a refresh token is of no use to another key, and trying it harms nobody',
    },
  },
  {
    id: 'RFC 9449 §5-5',
    level: 'MUST',
    who: 'device',
    text: 'The client proves the same key at each refresh.',
    shown: { in: suites.session, by: 'belongs to one device: with the keys of another it is of no use' },
  },
  {
    id: 'RFC 9449 §5-6',
    level: 'MUST',
    who: 'edge',
    text: 'A refresh without a proof is refused.',
    shown: { in: suites.refreshing, by: 'RFC 9449 §5: a refresh token needs a proof at each use' },
  },
  {
    id: 'RFC 9449 §5-7',
    level: 'MUST',
    who: 'device',
    text: 'An answer whose token_type is not DPoP is discarded.',
    shown: { in: suites.device, by: 'RFC 9449 §5: tokens of another type than DPoP are not taken' },
  },
  {
    id: 'RFC 9449 §5.1-1',
    level: 'prose',
    who: 'edge',
    text: 'dpop_signing_alg_values_supported lists the algorithms.',
    shown: { in: suites.metadata, by: 'RFC 9449 §5.1: the algorithms of proofs are announced, all of them asymmetric' },
  },
  {
    id: 'RFC 9449 §5.2-1',
    level: 'MUST',
    who: 'edge',
    text: 'From a client that always binds its tokens, a request without a proof is rejected.',
    shown: { in: suites.proofs, by: 'RFC 9449 §5: without a proof there is no token' },
  },
  {
    id: 'RFC 9449 §6-1',
    level: 'MUST',
    who: 'edge',
    text: 'A resource server can tell that a token is bound, and to which key.',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §5: token_type is DPoP, and the token is bound to the key of the proof by its thumbprint (§6.1)',
    },
  },
  {
    id: 'RFC 9449 §6-2',
    level: 'MUST',
    who: 'edge',
    text: 'It makes sure that the key of the proof is that key.',
    shown: {
      in: suites.resource,
      by: 'RFC 9449 §7.1: no access without a proof, without ath, with the ath of another token, or by another key',
    },
  },
  {
    id: 'RFC 9449 §6.1-1',
    level: 'MUST',
    who: 'edge',
    text: 'cnf.jkt is the base64url SHA-256 thumbprint of the key (RFC 7638).',
    shown: {
      in: suites.proofs,
      by: 'RFC 9449 §5: token_type is DPoP, and the token is bound to the key of the proof by its thumbprint (§6.1)',
    },
  },
  {
    id: 'RFC 9449 §6.2-1',
    level: 'MUST',
    who: 'edge',
    text: 'Introspection tells token_type DPoP.',
    shown: { notApplicable: 'There is no introspection endpoint: tokens are JWTs.' },
  },
];
