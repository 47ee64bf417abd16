/** Who is asking: the access token, and the proof that its key is at hand (RFC 9449, section 7). Needs no memory; the mailbox sees to replays. */
import type { Context } from 'hono';
import { verifyProof } from '../../shared/dpop.ts';
import { PryxError } from '../../shared/error.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { verifyAccessToken } from '../keys/access-token.ts';
import type { Caller } from '../mailbox/device.ts';

/** What is left to check, the mailbox does. */
interface AuthenticatedDevice extends Caller {
  deviceId: string;
}

/** Throws `unauthorized` when nothing was shown, `not_paired` or `bad_proof` when it is not good. */
export async function authenticateDevice(c: Context<EdgeContext>): Promise<AuthenticatedDevice> {
  const { keyring } = c.var;
  const origin = readOrigin(c.env, c.req.url);
  const now = Date.now();
  const token = /^DPoP +([\w.-]+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (token === undefined) throw new PryxError('unauthorized', 'This needs the access token of a device.');
  const { deviceId, issuedAt } = await verifyAccessToken(keyring, token, { origin, now });
  const proof = await verifyProof(c.req.header('dpop') ?? '', {
    method: c.req.method,
    url: `${origin}${c.req.path}`,
    accessToken: token,
    now,
  });
  if (proof.thumbprint !== deviceId) throw new PryxError('bad_proof', 'The proof is by another key than the token.');
  return { deviceId, proofId: proof.id, issuedAt };
}
