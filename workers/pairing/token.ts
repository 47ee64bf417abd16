/** `POST /oauth/token`: tokens for a device, by its code (RFC 8628) or by its refresh token (RFC 6749, section 6), bound to its key (RFC 9449). */
import { base64url } from 'jose';
import type { Context } from 'hono';
import {
  type TokenResponse,
  deviceClientId,
  deviceCodeGrant,
  deviceScope,
  oauthPaths,
} from '../../shared/api/oauth.ts';
import { read } from '../durable/answer.ts';
import { systemClock, systemRandom } from '../durable/runtime.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';
import { countPairing } from '../guard/rate-limit.ts';
import { accessTokenSeconds, issueAccessToken } from '../keys/access-token.ts';
import { askAccount } from './account/ask-account.ts';
import { checkClient, checkScope } from './check-client.ts';
import { presentNonce } from './nonce.ts';
import { OAuthError, answerOAuthError, uncached } from './oauth-error.ts';
import { type Prover, proveKey } from './prove-key.ts';
import { type Form, readForm } from './read-form.ts';
import { type Granted, redeemCode } from './redeem-code.ts';

export async function giveTokens(c: Context<EdgeContext>): Promise<Response> {
  const answer = await answerGrant(c).catch(answerOAuthError);
  // Whatever the answer is: the next proof needs it (RFC 9449, section 8.2).
  answer.headers.set('dpop-nonce', await presentNonce(c.var.keyring, systemClock.now()));
  return answer;
}

async function answerGrant(c: Context<EdgeContext>): Promise<Response> {
  const { keyring } = c.var;
  const origin = readOrigin(c.env, c.req.url);
  const form = await readForm(c.req.raw);
  const grant = readGrant(c.req.raw.headers, form);
  const prover = await proveKey(c.req.raw, { keyring, url: `${origin}${oauthPaths.token}`, now: systemClock.now() });
  const { refreshToken, notBefore } = await grant(c, prover, origin).catch((error: unknown) => limitGuesses(c, error));
  const accessToken = await issueAccessToken(keyring, {
    origin,
    deviceId: prover.deviceId,
    now: Math.max(systemClock.now(), notBefore),
    id: base64url.encode(systemRandom.bytes(16)),
  });
  return answerJson(
    200,
    {
      access_token: accessToken,
      token_type: 'DPoP',
      expires_in: accessTokenSeconds,
      refresh_token: refreshToken,
      scope: deviceScope,
    } satisfies TokenResponse,
    uncached,
  );
}

type Grant = (c: Context<EdgeContext>, prover: Prover, origin: string) => Promise<Granted>;

/** What is asked for, checked as far as it can be without knowing who asks. */
function readGrant(headers: Headers, form: Form): Grant {
  const type = form['grant_type'];
  if (type === undefined) throw new OAuthError('invalid_request', 'grant_type is missing.');
  const makeGrant = grants.get(type);
  if (makeGrant === undefined) throw new OAuthError('unsupported_grant_type', 'This grant is not served here.');
  checkClient(headers, form);
  checkScope(form);
  return makeGrant(form);
}

const grants: ReadonlyMap<string, (form: Form) => Grant> = new Map([
  [
    deviceCodeGrant,
    (form) => {
      const deviceCode = mustHave(form, 'device_code');
      return (c, prover, origin) => redeemCode(c.env, { deviceCode, clientId: deviceClientId, prover, origin });
    },
  ],
  [
    'refresh_token',
    (form) => {
      const refreshToken = mustHave(form, 'refresh_token');
      return async (c, prover) => {
        const refreshed = await read(askAccount(c.env).refresh({ refreshToken, ...prover }));
        if (refreshed.state === 'refreshed') return { refreshToken: refreshed.refreshToken, notBefore: 0 };
        throw new OAuthError('invalid_grant', 'This refresh token is not good for this key, or not any more.');
      };
    },
  ],
]);

function mustHave(form: Form, name: string): string {
  const value = form[name];
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing.`);
  return value;
}

/** Whoever is wrong too often is told to wait instead. */
async function limitGuesses(c: Context<EdgeContext>, error: unknown): Promise<never> {
  if (error instanceof OAuthError && error.code === 'invalid_grant') await countPairing(c);
  throw error;
}
