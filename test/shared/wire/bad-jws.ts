/** Compact JWS that must be refused, and as what. One list for every implementation of the check (RFC 7515, RFC 8725). */
import type { RefusalCode } from '../../../shared/wire/frame.ts';
import { withUnusedBit } from './bad-keys.ts';
import { type Signer, createSigner, encode, littleEndianBytes, utf8 } from './craft.ts';

export interface BadJws {
  title: string;
  code: Extract<RefusalCode, 'malformed' | 'unknown_key' | 'bad_signature'>;
  /** `good` is a token that `signer` made and that verifies. */
  make(signer: Signer, good: Parts): string | Promise<string>;
}

export interface Parts {
  text: string;
  header: string;
  payload: string;
  signature: string;
  /** Of the payload, before it was encoded. */
  content: string;
}

export function partsOf(text: string, content: string): Parts {
  const [header = '', payload = '', signature = ''] = text.split('.');
  return { text, header, payload, signature, content };
}

const join = (good: Parts, change: Partial<Parts>): string => {
  const { header, payload, signature } = { ...good, ...change };
  return `${header}.${payload}.${signature}`;
};

/** Order of the base point of Ed25519 (RFC 8032, section 5.1). */
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

const bytesOf = (part: string): Uint8Array =>
  Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const scalarOf = (signature: string): bigint =>
  bytesOf(signature)
    .subarray(32)
    .reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);

function withScalar(signature: string, scalar: bigint): string {
  const bytes = bytesOf(signature);
  bytes.set(littleEndianBytes(scalar), 32);
  return encode(bytes);
}

function withBitFlipped(signature: string, bit: number): string {
  const bytes = bytesOf(signature);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return encode(bytes);
}

/** Forms that are no compact JWS, though a lenient reader might take them. */
const shapes: BadJws[] = [
  { title: 'nothing', code: 'malformed', make: () => '' },
  { title: 'dots alone', code: 'malformed', make: () => '..' },
  { title: 'a megabyte of dots', code: 'malformed', make: () => '.'.repeat(1024 * 1024) },
  { title: 'a megabyte of letters', code: 'malformed', make: () => 'A'.repeat(1024 * 1024) },
  { title: 'no signature', code: 'malformed', make: (_, good) => join(good, { signature: '' }) },
  { title: 'two parts', code: 'malformed', make: (_, good) => `${good.header}.${good.payload}` },
  { title: 'four parts', code: 'malformed', make: (_, good) => `${good.text}.${good.signature}` },
  { title: 'an empty fourth part', code: 'malformed', make: (_, good) => `${good.text}.` },
  { title: 'a space before', code: 'malformed', make: (_, good) => ` ${good.text}` },
  { title: 'a line end behind', code: 'malformed', make: (_, good) => `${good.text}\n` },
  {
    title: 'a line end within',
    code: 'malformed',
    make: (_, good) => join(good, { payload: `${good.payload.slice(0, 8)}\n${good.payload.slice(8)}` }),
  },
  { title: 'a NUL behind', code: 'malformed', make: (_, good) => `${good.text}\0` },
  { title: 'a header with padding', code: 'malformed', make: (_, good) => join(good, { header: `${good.header}=` }) },
  {
    title: 'a signature with padding',
    code: 'malformed',
    make: (_, good) => join(good, { signature: `${good.signature}==` }),
  },
  {
    title: 'a plus from the other alphabet',
    code: 'malformed',
    make: (_, good) => join(good, { signature: `+${good.signature.slice(1)}` }),
  },
  {
    title: 'a slash from the other alphabet',
    code: 'malformed',
    make: (_, good) => join(good, { signature: `/${good.signature.slice(1)}` }),
  },
  {
    title: 'a full-width letter',
    code: 'malformed',
    make: (_, good) => join(good, { payload: `Ａ${good.payload.slice(1)}` }),
  },
  {
    title: 'a lone surrogate',
    code: 'malformed',
    make: (_, good) => join(good, { payload: `\ud800${good.payload.slice(1)}` }),
  },
  {
    title: 'the same signature, with unused bits that are not zero',
    code: 'malformed',
    make: (_, good) =>
      join(good, { signature: good.signature.slice(0, -1) + withUnusedBit(good.signature.at(-1) ?? 'A') }),
  },
  {
    title: 'a signature of 63 bytes',
    code: 'malformed',
    make: (_, good) => join(good, { signature: encode(bytesOf(good.signature).subarray(1)) }),
  },
  {
    title: 'a signature of 65 bytes',
    code: 'malformed',
    make: (_, good) => join(good, { signature: encode(new Uint8Array(65)) }),
  },
  {
    title: 'header and payload swapped',
    code: 'malformed',
    make: (_, good) => `${good.payload}.${good.header}.${good.signature}`,
  },
  {
    title: 'payload and signature swapped',
    code: 'malformed',
    make: (_, good) => `${good.header}.${good.signature}.${good.payload}`,
  },
  {
    title: 'the flattened JSON form of the same token',
    code: 'malformed',
    make: (_, { header, payload, signature }) => JSON.stringify({ protected: header, payload, signature }),
  },
  { title: 'a token within a token', code: 'malformed', make: (signer, good) => signer.sign(good.text, good.content) },
];

const headers: [title: string, text: (signer: Signer) => string | Uint8Array][] = [
  ['alg none', (signer) => signer.header({ alg: 'none' })],
  ['alg None', (signer) => signer.header({ alg: 'None' })],
  ['an empty alg', (signer) => signer.header({ alg: '' })],
  ['alg EdDSA, which names no curve', (signer) => signer.header({ alg: 'EdDSA' })],
  ['alg ed25519 in small letters', (signer) => signer.header({ alg: 'ed25519' })],
  ['alg Ed448', (signer) => signer.header({ alg: 'Ed448' })],
  ['alg HS256', (signer) => signer.header({ alg: 'HS256' })],
  ['alg ES256', (signer) => signer.header({ alg: 'ES256' })],
  ['alg RS256', (signer) => signer.header({ alg: 'RS256' })],
  ['a list of algs', (signer) => signer.header({ alg: ['Ed25519'] })],
  ['no alg', (signer) => signer.header({ alg: undefined })],
  ['alg null', (signer) => signer.header({ alg: null })],
  ['crit', (signer) => signer.header({ crit: ['exp'], exp: 1 })],
  ['an empty crit', (signer) => signer.header({ crit: [] })],
  ['b64 false and crit', (signer) => signer.header({ b64: false, crit: ['b64'] })],
  ['b64 true', (signer) => signer.header({ b64: true })],
  ['a key of its own (jwk)', (signer) => signer.header({ jwk: { kty: 'OKP', crv: 'Ed25519', x: signer.jwk.x } })],
  ['the address of a key (jku)', (signer) => signer.header({ jku: 'https://attacker.example/jwks.json' })],
  ['the address of a certificate (x5u)', (signer) => signer.header({ x5u: 'https://attacker.example/cert.pem' })],
  ['a certificate (x5c)', (signer) => signer.header({ x5c: ['MIIB'] })],
  ['a content type (cty)', (signer) => signer.header({ cty: 'JWT' })],
  ['no typ', (signer) => signer.header({ typ: undefined })],
  ['typ JWT', (signer) => signer.header({ typ: 'JWT' })],
  ['the typ of a proof', (signer) => signer.header({ typ: 'dpop+jwt' })],
  ['typ with its prefix', (signer) => signer.header({ typ: 'application/pryx-job+jws' })],
  ['typ in capitals', (signer) => signer.header({ typ: 'PRYX-JOB+JWS' })],
  ['no kid', (signer) => signer.header({ kid: undefined })],
  ['kid as a number', (signer) => signer.header({ kid: 1 })],
  ['kid null', (signer) => signer.header({ kid: null })],
  ['a kid of 129 characters', (signer) => signer.header({ kid: 'k'.repeat(129) })],
  ['a header of 10 kB', (signer) => signer.header({ pad: 'x'.repeat(10_000) })],
  ['__proto__ as a member', (signer) => signer.header().replace('{', '{"__proto__":{"kid":"k"},')],
  ['alg twice, none first', (signer) => signer.header().replace('{', '{"alg":"none",')],
  ['alg twice, none last', (signer) => signer.header().replace(/\}$/, ',"alg":"none"}')],
  ['kid twice', (signer) => signer.header().replace('{', '{"kid":"other",')],
  ['typ twice, the same', (signer) => signer.header().replace('{', '{"typ":"pryx-job+jws",')],
  ['a name behind an escape', (signer) => signer.header().replace('"alg"', '"\\u0061lg"')],
  ['a value behind an escape', (signer) => signer.header().replace('Ed25519', 'Ed2551\\u0039')],
  ['white space', (signer) => signer.header().replace(':', ': ')],
  ['a byte order mark', (signer) => `\ufeff${signer.header()}`],
  ['bytes that are not UTF-8', (signer) => new Uint8Array([...utf8(signer.header().slice(0, -2)), 0xff, 0x22, 0x7d])],
  ['something behind its JSON', (signer) => `${signer.header()}{}`],
  ['a list', (signer) => `[${signer.header()}]`],
  ['null', () => 'null'],
  ['a string', () => '"Ed25519"'],
  ['no JSON', () => 'alg=Ed25519'],
];

/** Each of these headers is signed properly: it is the header alone that is wrong. */
const signedHeaders: BadJws[] = headers.map(([title, text]) => ({
  title: `signed, but its header: ${title}`,
  code: 'malformed',
  make: (signer, good) => signer.sign(text(signer) as string, good.content),
}));

const keys: BadJws[] = [
  ...['nobody', '', '__proto__', 'constructor', 'kіd'].map(
    (kid): BadJws => ({
      title: `signed, but its kid is ${JSON.stringify(kid)}`,
      code: 'unknown_key',
      make: (signer, good) => signer.sign(signer.header({ kid }), good.content),
    }),
  ),
  {
    title: "signed by a stranger under the stranger's kid",
    code: 'unknown_key',
    make: async (_, good) => {
      const stranger = await createSigner();
      return stranger.sign(stranger.header(), good.content);
    },
  },
  {
    title: 'signed by a stranger under the pinned kid',
    code: 'bad_signature',
    make: async (signer, good) => (await createSigner()).sign(signer.header(), good.content),
  },
  {
    title: 'HMAC with the public key as its secret, called Ed25519',
    code: 'malformed',
    make: async (signer, good) => {
      const key = await crypto.subtle.importKey('raw', utf8(signer.jwk.x), { name: 'HMAC', hash: 'SHA-256' }, false, [
        'sign',
      ]);
      const mac = await crypto.subtle.sign('HMAC', key, utf8(`${good.header}.${good.payload}`));
      return join(good, { signature: encode(new Uint8Array(mac)) });
    },
  },
  {
    title: 'ECDSA P-256, 64 bytes as well, called Ed25519',
    code: 'bad_signature',
    make: async (_, good) => {
      const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
      const pair = await crypto.subtle.generateKey(ecdsa, false, ['sign', 'verify']);
      const signature = await crypto.subtle.sign(ecdsa, pair.privateKey, utf8(`${good.header}.${good.payload}`));
      return join(good, { signature: encode(new Uint8Array(signature)) });
    },
  },
];

const signatures: BadJws[] = [
  // RFC 8032, section 5.1.7: S must be below L, or every signature has a second spelling.
  {
    title: 'S + L instead of S',
    code: 'bad_signature',
    make: (_, good) => join(good, { signature: withScalar(good.signature, scalarOf(good.signature) + groupOrder) }),
  },
  {
    title: 'L - S instead of S',
    code: 'bad_signature',
    make: (_, good) => join(good, { signature: withScalar(good.signature, groupOrder - scalarOf(good.signature)) }),
  },
  {
    title: 'S = L',
    code: 'bad_signature',
    make: (_, good) => join(good, { signature: withScalar(good.signature, groupOrder) }),
  },
  {
    title: 'S = 0',
    code: 'bad_signature',
    make: (_, good) => join(good, { signature: withScalar(good.signature, 0n) }),
  },
  {
    title: 'S as large as its bytes allow',
    code: 'bad_signature',
    make: (_, good) => join(good, { signature: withScalar(good.signature, 2n ** 256n - 1n) }),
  },
  {
    title: 'a signature of zeros',
    code: 'bad_signature',
    make: (_, good) => join(good, { signature: encode(new Uint8Array(64)) }),
  },
  {
    title: 'R = the neutral point and S = 0',
    code: 'bad_signature',
    make: (_, good) =>
      join(good, { signature: encode(Uint8Array.from({ length: 64 }, (__, index) => (index === 0 ? 1 : 0))) }),
  },
  {
    title: 'R outside the field',
    code: 'bad_signature',
    make: (_, good) =>
      join(good, {
        signature: encode(new Uint8Array([...new Uint8Array(32).fill(0xff), ...bytesOf(good.signature).subarray(32)])),
      }),
  },
  {
    title: 'the signature of another token',
    code: 'bad_signature',
    make: async (signer, good) =>
      join(good, { signature: (await signer.sign(signer.header(), '{}')).split('.')[2] ?? '' }),
  },
  {
    title: 'the payload of another token',
    code: 'bad_signature',
    make: (_, good) => join(good, { payload: encode(good.content.replace('1', '2')) }),
  },
  {
    title: 'a payload that lost its last byte',
    code: 'bad_signature',
    make: (_, good) => join(good, { payload: encode(good.content.slice(0, -1)) }),
  },
  { title: 'no payload', code: 'bad_signature', make: (_, good) => join(good, { payload: '' }) },
  {
    title: 'the same header, its members in another order',
    code: 'bad_signature',
    make: (signer, good) =>
      join(good, { header: encode(JSON.stringify({ typ: 'pryx-job+jws', kid: signer.kid, alg: 'Ed25519' })) }),
  },
  // One bit in every byte of R and S.
  ...Array.from({ length: 64 }, (_, index): BadJws => {
    const bit = index * 8 + ((index * 5) % 8);
    return {
      title: `bit ${bit} of the signature flipped`,
      code: 'bad_signature',
      make: (__, good) => join(good, { signature: withBitFlipped(good.signature, bit) }),
    };
  }),
];

export const badJws: readonly BadJws[] = [...shapes, ...signedHeaders, ...keys, ...signatures];
