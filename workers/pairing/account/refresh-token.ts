/** Refresh tokens: 256 random bits, behind the name of the family, so that a token of long ago is known for what it is. */
import { base64url } from 'jose';
import type { Random } from '../../durable/ports.ts';
import { digestText } from '../../guard/equal-bytes.ts';

const prefix = 'pryx_rt_';
const form = /^pryx_rt_([\w-]{20})[\w-]{43}$/;

export interface NewRefreshToken {
  token: string;
  /** SHA-256: all that is kept. */
  hash: ArrayBuffer;
}

export const newFamily = (random: Random): string => base64url.encode(random.bytes(15));

export async function newRefreshToken(random: Random, family: string): Promise<NewRefreshToken> {
  const token = `${prefix}${family}${base64url.encode(random.bytes(32))}`;
  return { token, hash: await hashToken(token) };
}

/** Whether a token has the form of one, whoever made it. */
export const isRefreshToken = (text: string): boolean => form.test(text);

/** The family that a token names; `undefined` for what is no refresh token. Proves nothing by itself. */
export const familyOf = (token: string): string | undefined => form.exec(token)?.[1];

export const hashToken = async (token: string): Promise<ArrayBuffer> => (await digestText(token)).slice().buffer;
