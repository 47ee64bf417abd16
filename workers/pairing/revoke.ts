/** `POST /oauth/revoke` (RFC 7009): whoever has a token of a device gives it up. Either kind will do, and all of them are dead after it. */
import type { Context } from 'hono';
import { PryxError } from '../../shared/error.ts';
import { read } from '../durable/answer.ts';
import { systemClock } from '../durable/runtime.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { answerEmpty } from '../guard/answer.ts';
import { countPairing } from '../guard/rate-limit.ts';
import { verifyAccessToken } from '../keys/access-token.ts';
import { askAccount } from './account/ask-account.ts';
import { isRefreshToken } from './account/refresh-token.ts';
import type { PresentedToken } from './account/token-families.ts';
import { checkClient } from './check-client.ts';
import { OAuthError } from './oauth-error.ts';
import { readForm } from './read-form.ts';

/** A token that is good for nothing is revoked already: 200 as well (section 2.2). */
export async function revokeToken(c: Context<EdgeContext>): Promise<Response> {
  const form = await readForm(c.req.raw);
  checkClient(c.req.raw.headers, form);
  const { token } = form;
  if (token === undefined) throw new OAuthError('invalid_request', 'token is missing.');
  // The hint is not needed: the two have different forms.
  const presented = await readToken(c, token);
  const outcome = presented === undefined ? 'unknown' : await read(askAccount(c.env).revokeToken(presented));
  if (outcome === 'unknown') await countPairing(c);
  return answerEmpty(200);
}

async function readToken(c: Context<EdgeContext>, token: string): Promise<PresentedToken | undefined> {
  if (isRefreshToken(token)) return { refreshToken: token };
  const expect = { origin: readOrigin(c.env, c.req.url), now: systemClock.now() };
  return verifyAccessToken(c.var.keyring, token, expect).catch((error: unknown) => {
    if (error instanceof PryxError && error.code === 'not_paired') return undefined;
    throw error;
  });
}
