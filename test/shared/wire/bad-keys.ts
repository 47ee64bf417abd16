/** Keys that must be refused wherever they enter: every point of small order, every spelling that is not the canonical one, other types. */
import { encode, littleEndianBytes } from './craft.ts';

export interface BadKey {
  title: string;
  jwk: Record<string, unknown>;
  /** For a point whose order divides the cofactor and whose encoding libraries take: that order. */
  order?: number;
}

const prime = 2n ** 255n - 19n;
const signBit = 2n ** 255n;

/** y-coordinates of the eight points of the torsion group, and the order of those points (RFC 8032, section 5.1). */
const torsion: readonly (readonly [y: bigint, order: number])[] = [
  [1n, 1],
  [prime - 1n, 2],
  [0n, 4],
  [0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n, 8],
  [0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n, 8],
];

/** u-coordinates that lead to an all-zero secret whatever the private key (RFC 7748, section 6.1). */
export const lowOrderU: readonly bigint[] = [
  0n,
  1n,
  prime - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
];

/** 2^255 - 19 up to 2^255 - 1: the numbers that fit into the bytes and not into the field. */
const outsideField = Array.from({ length: 19 }, (_, offset) => prime + BigInt(offset));

const ed25519 = (number: bigint): Record<string, unknown> => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: encode(littleEndianBytes(number)),
});
const x25519 = (number: bigint): Record<string, unknown> => ({ ...ed25519(number), crv: 'X25519' });

export const badSigningKeys: readonly BadKey[] = [
  ...torsion.flatMap(([y, order], index) => [
    { title: `point ${index + 1} of small order (${order})`, jwk: ed25519(y), order },
    { title: `point ${index + 1} of small order (${order}) with the sign bit`, jwk: ed25519(y + signBit), order },
  ]),
  ...outsideField.flatMap((y, offset) => [
    { title: `y = p + ${offset}`, jwk: ed25519(y) },
    { title: `y = p + ${offset} with the sign bit`, jwk: ed25519(y + signBit) },
  ]),
];

export const badSealingKeys: readonly BadKey[] = [
  ...lowOrderU.map((u, index) => ({ title: `low-order u number ${index + 1}`, jwk: x25519(u) })),
  ...lowOrderU.map((u, index) => ({
    title: `low-order u number ${index + 1}, high bit set`,
    jwk: x25519(u + signBit),
  })),
  ...outsideField.map((u, offset) => ({ title: `u = p + ${offset}`, jwk: x25519(u) })),
  { title: 'an ordinary u with the high bit set', jwk: x25519(9n + signBit) },
];

/** Not a key of the wanted curve at all; `x` is a good one of it. */
export function malformedKeys(curve: 'Ed25519' | 'X25519', x: string): BadKey[] {
  const other = curve === 'Ed25519' ? 'X25519' : 'Ed25519';
  const key = (members: Record<string, unknown>): Record<string, unknown> => ({
    kty: 'OKP',
    crv: curve,
    x,
    ...members,
  });
  const nextToLast = x.slice(0, -1);
  return [
    { title: `the same bytes as ${other}`, jwk: key({ crv: other }) },
    { title: 'an EC key', jwk: { kty: 'EC', crv: 'P-256', x, y: x } },
    { title: 'an EC key that calls its curve by this name', jwk: key({ kty: 'EC', y: x }) },
    { title: 'an RSA key', jwk: { kty: 'RSA', n: x, e: 'AQAB' } },
    { title: 'a symmetric key', jwk: { kty: 'oct', k: x } },
    { title: 'the curve in small letters', jwk: key({ crv: curve.toLowerCase() }) },
    { title: 'no curve', jwk: { kty: 'OKP', x } },
    { title: 'no type', jwk: { crv: curve, x } },
    { title: 'no x', jwk: { kty: 'OKP', crv: curve } },
    { title: 'an x that is a number', jwk: key({ x: 9 }) },
    { title: 'an x that is a list', jwk: key({ x: [x] }) },
    { title: 'an empty x', jwk: key({ x: '' }) },
    { title: '31 bytes', jwk: key({ x: encode(new Uint8Array(31).fill(7)) }) },
    { title: '33 bytes', jwk: key({ x: encode(new Uint8Array(33).fill(7)) }) },
    { title: '64 bytes', jwk: key({ x: encode(new Uint8Array(64).fill(7)) }) },
    { title: 'padding', jwk: key({ x: `${x}=` }) },
    { title: 'a space within', jwk: key({ x: `${x.slice(0, 42)} ` }) },
    { title: 'a line end at the end', jwk: key({ x: `${nextToLast}\n` }) },
    { title: 'a plus from the other alphabet', jwk: key({ x: `+${x.slice(1)}` }) },
    { title: 'a slash from the other alphabet', jwk: key({ x: `/${x.slice(1)}` }) },
    { title: 'a letter beyond ASCII', jwk: key({ x: `é${x.slice(1)}` }) },
    // 43 characters hold 258 bits; the last two must be zero.
    { title: 'unused bits that are not zero', jwk: key({ x: nextToLast + withUnusedBit(x.at(-1) ?? 'A') }) },
  ];
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
export const withUnusedBit = (character: string): string => alphabet.charAt(alphabet.indexOf(character) | 1);
