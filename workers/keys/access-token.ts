/** Access tokens of devices: JWTs in the form of RFC 9068, bound to the device's key (RFC 9449, section 6). docs/decisions/001 says why. */
import { SignJWT, jwtVerify } from 'jose';
import * as z from 'zod';
import { deviceClientId, deviceScope } from '../../shared/api/oauth.ts';
import { PryxError } from '../../shared/error.ts';
import type { Keyring } from './keyring.ts';

export const accessTokenSeconds = 15 * 60;

/** `id`: unlike that of any other token (`jti`). */
export async function issueAccessToken(
  keyring: Keyring,
  token: { origin: string; deviceId: string; now: number; id: string },
): Promise<string> {
  const issued = Math.floor(token.now / 1000);
  return new SignJWT({ client_id: deviceClientId, scope: deviceScope, cnf: { jkt: token.deviceId } })
    .setProtectedHeader({ alg: 'Ed25519', typ: 'at+jwt', kid: keyring.kid })
    .setIssuer(token.origin)
    .setAudience(token.origin)
    .setSubject(token.deviceId)
    .setJti(token.id)
    .setIssuedAt(issued)
    .setExpirationTime(issued + accessTokenSeconds)
    .sign(keyring.signKey);
}

const claims = z.object({
  sub: z.string().length(43),
  cnf: z.object({ jkt: z.string().length(43) }),
  iat: z.number(),
  exp: z.number(),
});

/** The device that a token stands for, and when it was issued (seconds since the epoch). Throws `not_paired` for any token that this edge did not issue, or no longer honours. */
export async function verifyAccessToken(
  keyring: Keyring,
  token: string,
  expect: { origin: string; now: number },
): Promise<{ deviceId: string; issuedAt: number }> {
  try {
    if (token.length > 2048) throw new Error('too long');
    const { payload } = await jwtVerify(token, (header) => findKey(keyring, header.kid), {
      algorithms: ['Ed25519'],
      typ: 'at+jwt',
      issuer: expect.origin,
      audience: expect.origin,
      currentDate: new Date(expect.now),
    });
    const { sub, cnf, iat } = claims.parse(payload);
    if (sub !== cnf.jkt) throw new Error('subject is not the key');
    return { deviceId: sub, issuedAt: iat };
  } catch (cause) {
    throw new PryxError('not_paired', 'The access token is not valid here, or has expired.', {
      hint: 'Ask for a new one.',
      cause,
    });
  }
}

function findKey(keyring: Keyring, kid: string | undefined) {
  const key = kid === undefined ? undefined : keyring.findKey(kid);
  if (key === undefined) throw new Error('unknown key');
  return key;
}
