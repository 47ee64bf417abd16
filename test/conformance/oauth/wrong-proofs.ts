/** Proofs that RFC 9449, section 4.3, wants refused, by the number of the check that refuses them; each differs from an honest proof in one thing. */
import { base64url } from 'jose';
import type { ProofChange } from './wire-client.ts';

export interface WrongProof {
  check: string;
  change: ProofChange;
}

const now = (): number => Math.floor(Date.now() / 1000);
const header = (members: Record<string, unknown>): ProofChange => ({ header: members });
const claims = (members: Record<string, unknown>): ProofChange => ({ claims: members });

/** The public key of nobody here. */
const strangersKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const smallOrderKey = { kty: 'OKP', crv: 'Ed25519', x: base64url.encode(new Uint8Array([1, ...new Uint8Array(31)])) };

/** Of proofs by the key `jwk`, which has its private half, for a request to `url`. */
export const wrongProofs = ({ jwk, url }: { jwk: object; url: string }): WrongProof[] => [
  ...['jti', 'htm', 'htu', 'iat'].map((name) => ({ check: `3: no ${name}`, change: claims({ [name]: undefined }) })),
  ...['typ', 'alg', 'jwk'].map((name) => ({ check: `3: no ${name}`, change: header({ [name]: undefined }) })),
  { check: '3: a jti of three characters', change: claims({ jti: 'abc' }) },
  { check: '3: a jti of a kilobyte', change: claims({ jti: 'x'.repeat(1024) }) },
  { check: '4: typ JWT', change: header({ typ: 'JWT' }) },
  { check: '4: typ of an access token', change: header({ typ: 'at+jwt' }) },
  ...['none', 'HS256', 'RS256', 'ES256', 'EdDSA'].map((alg) => ({ check: `5: alg ${alg}`, change: header({ alg }) })),
  { check: '6: signed by another key', change: header({ jwk: strangersKey }) },
  { check: '6: a key under which anything verifies', change: header({ jwk: smallOrderKey }) },
  { check: '7: a private key', change: header({ jwk }) },
  { check: '8: another method', change: claims({ htm: 'PUT' }) },
  { check: '8: the method in small letters', change: claims({ htm: 'post' }) },
  { check: '9: another path', change: claims({ htu: `${url}/more` }) },
  { check: '9: another host', change: claims({ htu: url.replace('127.0.0.1', 'edge.example') }) },
  { check: '9: another scheme', change: claims({ htu: url.replace('http:', 'https:') }) },
  { check: '9: another port', change: claims({ htu: url.replace(/:\d+/, ':1') }) },
  { check: '9: not an address', change: claims({ htu: 'token' }) },
  { check: '11: ten minutes old', change: claims({ iat: now() - 600 }) },
  { check: '11: ten minutes from now', change: claims({ iat: now() + 600 }) },
  { check: '11: ten years old', change: claims({ iat: now() - 315_360_000 }) },
  { check: '11: a time that is a text', change: claims({ iat: String(now()) }) },
];

/** Header fields that are no single, well-formed JWT (checks 1 and 2). */
export const brokenProofs = (proof: string, other: string): Record<string, string | string[]> => ({
  '1: two header fields': [proof, other],
  '1: the same header field twice': [proof, proof],
  '1: two proofs in one field': `${proof}, ${other}`,
  '2: no JWT': 'proof',
  '2: an empty field': '',
  '2: three dots': '...',
  '2: without its signature': `${proof.slice(0, proof.lastIndexOf('.'))}.`,
  '2: with a signature changed': `${proof.slice(0, -8)}AAAAAAAA`,
});
