/** DPoP proofs (RFC 9449) with Ed25519: the device shows at every request that it holds the key its token is bound to. */
import { SignJWT, base64url, jwtVerify } from 'jose';
import * as z from 'zod';
import { PryxError } from './error.ts';
import { readHeader, splitCompact } from './wire/compact.ts';
import { type SigningJwk, type SigningKey, checkSigningJwk, importVerifyKey, thumbprint } from './wire/signature.ts';

/** Oldest and newest proof that is taken, in seconds around now (RFC 9449, section 11.1). */
export const proofLifetimeSeconds = 300;
/** How long the `jti` of a proof is remembered: it may lie a lifetime ahead, and stays good as long again. */
export const proofMemoryMs = 2 * proofLifetimeSeconds * 1000;

export interface ProofRequest {
  /** HTTP method in capitals (`htm`). */
  method: string;
  /** Target URI without query and fragment (`htu`). */
  url: string;
  /** Access token that the proof goes with (`ath`); none when a token is being asked for. */
  accessToken?: string;
  /** What the server gave for its next proof (RFC 9449, section 8). */
  nonce?: string;
}

export async function createProof(
  key: SigningKey,
  jwk: SigningJwk,
  request: ProofRequest & { now: number; id: string },
): Promise<string> {
  return new SignJWT({
    htm: request.method,
    htu: request.url,
    jti: request.id,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.accessToken === undefined ? {} : { ath: await accessTokenHash(request.accessToken) }),
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'Ed25519', jwk: checkSigningJwk(jwk) })
    .setIssuedAt(Math.floor(request.now / 1000))
    .sign(key);
}

const proofHeader = z.strictObject({ typ: z.literal('dpop+jwt'), alg: z.literal('Ed25519'), jwk: z.unknown() });
const proofClaims = z.object({
  htm: z.string(),
  htu: z.string(),
  /** In characters that a header can carry: the Worker hands it on to the mailbox. */
  jti: z.string().regex(/^[\x21-\x7e]{16,128}$/),
  iat: z.number(),
  ath: z.string().optional(),
  nonce: z.string().max(256).optional(),
});

export interface VerifiedProof {
  jwk: SigningJwk;
  /** RFC 7638 thumbprint of the key: what `cnf.jkt` of a token must say, and the id of the device. */
  thumbprint: string;
  /** To be seen once: the caller keeps it for `proofMemoryMs`. */
  id: string;
  /** As the proof has it, not compared with anything: only the server knows which ones it gave (RFC 9449, section 8). */
  nonce: string | undefined;
}

/** Checks everything about a proof that needs no memory (RFC 9449, section 4.3). Throws `bad_proof`. */
export async function verifyProof(proof: string, expect: ProofRequest & { now: number }): Promise<VerifiedProof> {
  try {
    if (proof.length > 4096) throw new Error('too long');
    const [header] = splitCompact(proof, 3) ?? [];
    if (header === undefined) throw new Error('form');
    const jwk = checkPublicOnly(readHeader(proofHeader, header)?.jwk);
    const { payload } = await jwtVerify(proof, await importVerifyKey(jwk), {
      algorithms: ['Ed25519'],
      typ: 'dpop+jwt',
      currentDate: new Date(expect.now),
    });
    const claims = proofClaims.parse(payload);
    if (claims.htm !== expect.method) throw new Error('htm');
    if (normaliseUrl(claims.htu) !== normaliseUrl(expect.url)) throw new Error('htu');
    if (Math.abs(claims.iat - expect.now / 1000) > proofLifetimeSeconds) throw new Error('iat');
    const ath = expect.accessToken === undefined ? undefined : await accessTokenHash(expect.accessToken);
    if (claims.ath !== ath) throw new Error('ath');
    return { jwk, thumbprint: await thumbprint(jwk), id: claims.jti, nonce: claims.nonce };
  } catch (cause) {
    throw new PryxError('bad_proof', 'The DPoP proof does not fit this request.', { cause });
  }
}

/** A proof that carries a private key is refused, not trimmed (RFC 9449, section 4.3, step 7). */
function checkPublicOnly(value: unknown): SigningJwk {
  if (typeof value === 'object' && value !== null && 'd' in value) throw new Error('private key in proof');
  return checkSigningJwk(value);
}

/** RFC 9449, section 4.3: compared after normalisation, without query and fragment. A user in the address stays, and so differs. */
function normaliseUrl(text: string): string {
  const url = new URL(text);
  url.search = '';
  url.hash = '';
  // RFC 3986, section 6.2.2: what needs no escape has none, and the others are in capitals. A slash that is escaped is no slash.
  url.pathname = url.pathname.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase();
  });
  return url.href;
}

async function accessTokenHash(token: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))));
}
