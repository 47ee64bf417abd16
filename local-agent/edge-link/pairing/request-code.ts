/** Asks the edge for the codes of one pairing (RFC 8628, sections 3.1 and 3.2). */
import * as z from 'zod';
import { deviceAuthorizationResponse, deviceClientId } from '../../../shared/api/oauth.ts';
import { PryxError } from '../../../shared/error.ts';
import { pageOrigin } from '../../../shared/pairing/page-origin.ts';
import { readJson } from '../../../shared/read-json.ts';
import type { SealingJwk } from '../../../shared/wire/seal.ts';
import type { Clock } from '../../core/clock.ts';
import { askEdge, unknownForm } from '../ask-edge.ts';
import { readFailure } from '../ask-token.ts';
import type { EdgeRequest } from '../request.ts';

export interface CodeRequest {
  origin: string;
  endpoint: string;
  deviceId: string;
  sealing: SealingJwk;
  name: string;
  platform: string;
}

export interface PairingCode {
  deviceCode: string;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string;
  intervalMs: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Whatever the edge says, nobody waits longer for an approval. */
const longestLifeMs = 30 * 60_000;
/** Printed in a terminal: nothing that one would obey. */
const printable = z.string().regex(/^[A-Za-z0-9-]{4,64}$/);

/** Throws `edge_unreachable`, `rate_limited`. */
export async function requestCode(
  { origin, endpoint, ...device }: CodeRequest,
  { request, clock, signal }: { request: EdgeRequest; clock: Clock; signal: AbortSignal },
): Promise<PairingCode> {
  const form = new URLSearchParams({
    client_id: deviceClientId,
    scope: 'device',
    dpop_jkt: device.deviceId,
    sealing_key: JSON.stringify(device.sealing),
    device_name: device.name,
    device_platform: device.platform,
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const askedAt = clock.now();
  const answer = await askEdge(request, ['POST', endpoint, headers, form.toString(), signal]);
  if (answer.status === 429)
    throw new PryxError('rate_limited', 'The edge was asked to pair too often.', { hint: 'Try again in a minute.' });
  if (answer.status !== 200)
    throw new PryxError(
      'edge_unreachable',
      `The edge does not begin to pair (${readFailure(answer).error ?? answer.status}).`,
      { hint: 'Is the edge deployed with all it needs (docs/deploy.md), and of the same version?' },
    );
  const parsed = deviceAuthorizationResponse.safeParse(readJson(answer.text));
  if (!parsed.success || !printable.safeParse(parsed.data.user_code).success) throw unknownForm();
  const { data } = parsed;
  const verificationUri = checkPage(origin, data.verification_uri);
  return {
    deviceCode: data.device_code,
    userCode: data.user_code,
    verificationUri,
    verificationUriComplete:
      data.verification_uri_complete === undefined
        ? verificationUri
        : checkPage(origin, data.verification_uri_complete),
    intervalMs: data.interval * 1000,
    expiresAt: askedAt + Math.min(data.expires_in * 1000, longestLifeMs),
  };
}

/** The owner is sent to the edge alone. */
function checkPage(origin: string, page: string): string {
  const url = new URL(page);
  if (url.origin !== pageOrigin(origin) || url.username !== '' || url.password !== '')
    throw new PryxError('edge_unreachable', `The edge at ${origin} sends its owner to another server.`, {
      hint: 'Do not pair with it, unless you know why; PRYX_EDGE_ORIGIN of the edge should be the address that you used.',
    });
  return url.href;
}
