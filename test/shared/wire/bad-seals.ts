/** Compact JWE that must not open, one list for every implementation (RFC 7516, RFC 7518, RFC 8725). */
import { CompactEncrypt, base64url, importJWK } from 'jose';
import { lowOrderU, withUnusedBit } from './bad-keys.ts';
import {
  type CraftedSeal,
  type Recipient,
  craftSeal,
  createRecipient,
  encode,
  littleEndianBytes,
  utf8,
} from './craft.ts';

export interface BadSeal {
  title: string;
  make(to: Recipient): Promise<string>;
}

const prime = 2n ** 255n - 19n;
const partNames = ['header', 'encrypted key', 'iv', 'ciphertext', 'tag'] as const;
const firstPart = { header: 0, 'encrypted key': 1, iv: 2, ciphertext: 3, tag: 4 } as const;
type PartName = (typeof partNames)[number];

const crafted = (title: string, how: CraftedSeal): BadSeal => ({ title, make: (to) => craftSeal(to, how) });

/** A good seal with one part replaced. */
const replaced = (title: string, name: PartName, change: (part: string) => string): BadSeal => ({
  title,
  async make(to) {
    const parts = (await craftSeal(to)).split('.');
    parts[firstPart[name]] = change(parts[firstPart[name]] ?? '');
    return parts.join('.');
  },
});

const reshaped = (title: string, change: (good: string) => string | Promise<string>): BadSeal => ({
  title,
  make: async (to) => change(await craftSeal(to)),
});

function flipBit(part: string, bit: number): string {
  const bytes = base64url.decode(part);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return encode(bytes);
}

const tampered: BadSeal[] = [
  ...[0, 37, 95].map((bit) => replaced(`bit ${bit} of the iv flipped`, 'iv', (part) => flipBit(part, bit))),
  ...[0, 50].map((bit) => replaced(`bit ${bit} of the ciphertext flipped`, 'ciphertext', (part) => flipBit(part, bit))),
  ...[0, 64, 127].map((bit) => replaced(`bit ${bit} of the tag flipped`, 'tag', (part) => flipBit(part, bit))),
  replaced('a ciphertext that lost a byte', 'ciphertext', (part) => encode(base64url.decode(part).subarray(1))),
  replaced('a ciphertext with a byte more', 'ciphertext', (part) =>
    encode(new Uint8Array([...base64url.decode(part), 0])),
  ),
  replaced('no ciphertext', 'ciphertext', () => ''),
  replaced('no tag', 'tag', () => ''),
  replaced('a tag of zeros', 'tag', () => encode(new Uint8Array(16))),
  replaced('a tag cut to 12 bytes', 'tag', (part) => encode(base64url.decode(part).subarray(0, 12))),
  replaced('a tag of 17 bytes', 'tag', (part) => encode(new Uint8Array([...base64url.decode(part), 0]))),
  replaced('a tag of 64 kB', 'tag', () => 'A'.repeat(64 * 1024)),
  replaced('no iv', 'iv', () => ''),
  replaced('an iv of 11 bytes', 'iv', (part) => encode(base64url.decode(part).subarray(1))),
  replaced('an iv of 64 kB', 'iv', () => 'A'.repeat(64 * 1024)),
  replaced('an encrypted key, where there is none', 'encrypted key', () => encode(new Uint8Array(40))),
  replaced('no header', 'header', () => ''),
  replaced('a header with padding', 'header', (part) => `${part}=`),
  replaced('a space in the ciphertext', 'ciphertext', (part) => `${part.slice(0, 4)} ${part.slice(4)}`),
  replaced('padding at the ciphertext', 'ciphertext', (part) => `${part}=`),
  replaced('a plus in the ciphertext', 'ciphertext', (part) => `+${part.slice(1)}`),
  replaced(
    'a tag whose unused bits are not zero',
    'tag',
    (part) => part.slice(0, -1) + withUnusedBit(part.at(-1) ?? 'A'),
  ),
  // 13 bytes of text leave four unused bits in the last of 18 characters.
  {
    title: 'a ciphertext whose unused bits are not zero',
    async make(to) {
      const parts = (await craftSeal(to, { body: utf8('thirteen byte') })).split('.');
      const ciphertext = parts[3] ?? '';
      parts[3] = ciphertext.slice(0, -1) + withUnusedBit(ciphertext.at(-1) ?? 'A');
      return parts.join('.');
    },
  },
  reshaped('nothing', () => ''),
  reshaped('four parts', (good) => good.slice(0, good.lastIndexOf('.'))),
  reshaped('six parts', (good) => `${good}.AAAA`),
  reshaped('a line end behind', (good) => `${good}\n`),
  reshaped('iv and tag swapped', (good) => {
    const [header, key, iv, ciphertext, tag] = good.split('.');
    return [header, key, tag, ciphertext, iv].join('.');
  }),
  reshaped('the header of another seal', async (good) => {
    const other = await craftSeal(await createRecipient());
    return [other.split('.')[0], ...good.split('.').slice(1)].join('.');
  }),
  reshaped('the JSON form of the same seal', (good) => {
    const [header, , iv, ciphertext, tag] = good.split('.');
    return JSON.stringify({ protected: header, iv, ciphertext, tag });
  }),
];

const oddHeaders: BadSeal[] = [
  crafted('alg ECDH-ES+A256KW', { header: { alg: 'ECDH-ES+A256KW' } }),
  crafted('alg dir', { header: { alg: 'dir' } }),
  crafted('alg RSA-OAEP', { header: { alg: 'RSA-OAEP' } }),
  crafted('alg none', { header: { alg: 'none' } }),
  crafted('no alg', { header: { alg: undefined } }),
  crafted('enc A128GCM', { header: { enc: 'A128GCM' } }),
  crafted('enc A256CBC-HS512', { header: { enc: 'A256CBC-HS512' } }),
  crafted('no enc', { header: { enc: undefined } }),
  crafted('zip', { header: { zip: 'DEF' } }),
  crafted('crit', { header: { crit: ['exp'], exp: 1 } }),
  crafted('a sender name (apu)', { header: { apu: 'QWxpY2U' } }),
  crafted('a recipient name (apv)', { header: { apv: 'Qm9i' } }),
  crafted('a kid', { header: { kid: 'k' } }),
  crafted('p2c, work for the reader', { header: { p2c: 2_147_483_647 } }),
  crafted('no epk', { header: { epk: undefined } }),
  crafted('an epk on P-256', { header: { epk: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } } }),
  crafted('an epk on Ed25519', { header: { epk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } } }),
  crafted('an epk that shows its private half', {
    headerText: ({ epk, ...rest }) => JSON.stringify({ ...rest, epk: { ...epk, d: 'A'.repeat(43) } }),
  }),
  crafted('enc twice', { headerText: (members) => JSON.stringify(members).replace('{', '{"enc":"A128GCM",') }),
  crafted('white space in the header', { headerText: (members) => JSON.stringify(members, null, 1) }),
  crafted('a byte order mark', { headerText: (members) => `\ufeff${JSON.stringify(members)}` }),
  crafted('a header of 10 kB', { header: { pad: 'x'.repeat(10_000) } }),
  crafted('a tag of 12 bytes, made as such', { tagBits: 96 }),
  crafted('an iv of 16 bytes, made as such', { ivBytes: 16 }),
];

/** Anyone can compute what these lead to: an all-zero secret. */
export const weakSeals: readonly BadSeal[] = [...lowOrderU.flatMap((u) => [u, u + 2n ** 255n]), prime, prime + 1n].map(
  (u, index) =>
    crafted(`low-order epk number ${index + 1}, sealed under the all-zero secret`, {
      weak: { x: encode(littleEndianBytes(u)), secret: new Uint8Array(32) },
    }),
);

const libraryMade: BadSeal[] = [
  ...(['ECDH-ES+A128KW', 'ECDH-ES+A256KW'] as const).map(
    (alg): BadSeal => ({
      title: `made by a library with ${alg}`,
      async make(to) {
        const { kty, crv, x } = to.jwk;
        const key = await importJWK({ kty, crv, x }, alg);
        return new CompactEncrypt(utf8('{}')).setProtectedHeader({ alg, enc: 'A256GCM' }).encrypt(key);
      },
    }),
  ),
  ...(['A128GCM', 'A256CBC-HS512'] as const).map(
    (enc): BadSeal => ({
      title: `made by a library with ${enc}`,
      async make(to) {
        const { kty, crv, x } = to.jwk;
        const key = await importJWK({ kty, crv, x }, 'ECDH-ES');
        return new CompactEncrypt(utf8('{}')).setProtectedHeader({ alg: 'ECDH-ES', enc }).encrypt(key);
      },
    }),
  ),
  {
    title: 'made by a library with dir, the public key as the secret',
    async make(to) {
      const key = base64url.decode(to.jwk.x);
      return new CompactEncrypt(utf8('{}')).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key);
    },
  },
  { title: 'sealed to somebody else', make: async () => craftSeal(await createRecipient()) },
];

export const badSeals: readonly BadSeal[] = [...tampered, ...oddHeaders, ...weakSeals, ...libraryMade];
