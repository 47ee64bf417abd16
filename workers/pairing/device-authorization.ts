/** `POST /oauth/device_authorization` (RFC 8628, section 3.1): a device asks for its codes, and names the key that they are bound to (docs/decisions/054). */
import type { Context } from 'hono';
import * as z from 'zod';
import { type DeviceAuthorizationResponse, deviceAuthorizationRequest, oauthPaths } from '../../shared/api/oauth.ts';
import { PryxError } from '../../shared/error.ts';
import { cleanName } from '../../shared/pairing/names.ts';
import { checkSealingJwk } from '../../shared/wire/seal.ts';
import { read } from '../durable/answer.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';
import { networkOf } from '../guard/limit-key.ts';
import { countPairing } from '../guard/rate-limit.ts';
import { checkClient, checkScope } from './check-client.ts';
import type { CodeRequest, Place } from './desk/desk-api.ts';
import { askDesk } from './desk/ask-desk.ts';
import { OAuthError, uncached } from './oauth-error.ts';
import { pageOrigin } from '../../shared/pairing/page-origin.ts';
import { type Form, readForm } from './read-form.ts';

export async function authorizeDevice(c: Context<EdgeContext>): Promise<Response> {
  await countPairing(c);
  const form = await readForm(c.req.raw);
  checkClient(c.req.raw.headers, form);
  checkScope(form);
  const issued = await read(askDesk(c.env).open({ ...readRequest(form), place: readPlace(c.req.raw) }));
  const verification = `${pageOrigin(readOrigin(c.env, c.req.url))}${oauthPaths.verification}`;
  return answerJson(
    200,
    {
      device_code: issued.deviceCode,
      user_code: issued.userCode,
      verification_uri: verification,
      verification_uri_complete: `${verification}?user_code=${issued.userCode}`,
      expires_in: issued.expiresIn,
      interval: issued.interval,
    } satisfies DeviceAuthorizationResponse,
    uncached,
  );
}

function readRequest(form: Form): Omit<CodeRequest, 'place'> {
  const parsed = deviceAuthorizationRequest.safeParse(form);
  if (!parsed.success) {
    // The name of the parameter, out of the schema's own; nothing of what was sent.
    throw new OAuthError(
      'invalid_request',
      `${String(parsed.error.issues[0]?.path[0])} is missing, or not in its form.`,
    );
  }
  const { client_id, dpop_jkt, sealing_key, device_name, device_platform } = parsed.data;
  return {
    clientId: client_id,
    deviceId: dpop_jkt,
    sealingKey: JSON.stringify(checkSealingJwk(parseJson(sealing_key))),
    name: device_name,
    platform: device_platform,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PryxError('bad_key', 'sealing_key is not JSON.');
  }
}

const placeName = z.string().max(256).transform(cleanName).nullable().catch(null);
const cloudflare = z.object({ city: placeName, region: placeName, country: placeName });

/** Cloudflare says where it takes an address to be. */
const readPlace = (request: Request): Place => ({
  network: networkOf(request.headers),
  ...cloudflare.parse({ ...(request as { cf?: object }).cf }),
});
