/**
 * `POST /development/enrol`: a device of this machine enrols itself with an edge of this machine. It is there only when a development
 * token is set and the request came to a loopback address, which no deployed Worker has.
 */
import type { Context } from 'hono';
import { verifyProof } from '../../shared/dpop.ts';
import { enrolRequest } from '../../shared/api/edge.ts';
import { PryxError } from '../../shared/error.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { answerJson, refuseMethod } from '../guard/answer.ts';
import { digestText, equalBytes } from '../guard/equal-bytes.ts';
import { accessTokenSeconds, issueAccessToken } from '../keys/access-token.ts';
import { admitDevice, takeProof } from '../mailbox/ask.ts';

export async function enrolForDevelopment(c: Context<EdgeContext>): Promise<Response> {
  const expected = c.env.PRYX_DEVELOPMENT_TOKEN;
  if (expected === undefined || expected === '' || !isLoopback(c.req.url))
    throw new PryxError('not_found', 'There is nothing at this address.');
  if (c.req.method !== 'POST') return refuseMethod('POST');
  const given = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
  if (!equalBytes(await digestText(given), await digestText(expected)))
    throw new PryxError('unauthorized', 'The development token is missing or wrong.', {
      hint: 'Use the one that `pryx edge dev` was started with.',
    });
  const { keyring } = c.var;
  const origin = readOrigin(c.env, c.req.url);
  const now = Date.now();
  const proof = await verifyProof(c.req.header('dpop') ?? '', { method: 'POST', url: `${origin}${c.req.path}`, now });
  const deviceId = proof.thumbprint;
  const body = enrolRequest.safeParse(await c.req.json().catch(() => undefined));
  if (!body.success) throw new PryxError('bad_request', 'This is not a request to enrol.');
  await admitDevice(c.env, { deviceId, sealingKey: JSON.stringify(body.data.sealing_key), origin });
  await takeProof(c.env, deviceId, { proofId: proof.id, issuedAt: now / 1000 });
  return answerJson(200, {
    device_id: proof.thumbprint,
    access_token: await issueAccessToken(keyring, { origin, deviceId: proof.thumbprint, now, id: proof.id }),
    token_type: 'DPoP',
    expires_in: accessTokenSeconds,
  });
}

function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);
}
