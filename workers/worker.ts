/** The edge: it receives, seals, relays and forgets. This is its table of routes. */
import { Hono, type MiddlewareHandler } from 'hono';
import { oauthPaths } from '../shared/api/oauth.ts';
import { PryxError } from '../shared/error.ts';
import { systemClock, systemRandom } from './durable/runtime.ts';
import type { EdgeContext } from './environment.ts';
import { answerError, refuseMethod } from './guard/answer.ts';
import { needTls } from './guard/need-tls.ts';
import { limitByAddress } from './guard/rate-limit.ts';
import { showJwks } from './keys/jwks.ts';
import { createKeyringLoader } from './keys/keyring.ts';
import { openLink } from './mailbox/open-link.ts';
import { showDevice } from './mailbox/show-device.ts';
import { checkOwner } from './pairing/check-owner.ts';
import { authorizeDevice } from './pairing/device-authorization.ts';
import { listDevices, renameDevice, revokeDevice } from './pairing/devices.ts';
import { showMetadata } from './pairing/metadata.ts';
import { answerOAuthError } from './pairing/oauth-error.ts';
import { createPages } from './pairing/pages/create-pages.ts';
import { revokeToken } from './pairing/revoke.ts';
import { giveTokens } from './pairing/token.ts';
import { showControlPlane, showHealth } from './status/health.ts';
import { receiveTelegram } from './telegram/ingress.ts';
import { registerTelegramHook } from './telegram/register-hook.ts';

export { Mailbox } from './mailbox/mailbox.ts';
export { Account } from './pairing/account/account.ts';
export { Desk } from './pairing/desk/desk.ts';

export default createApp();

function createApp(): Hono<EdgeContext> {
  const loadKeyring = createKeyringLoader();
  const prepare: MiddlewareHandler<EdgeContext> = async (c, next) => {
    c.set('keyring', await loadKeyring(c.env.PRYX_EDGE_KEYS));
    await next();
  };

  const app = new Hono<EdgeContext>();
  app.onError((error, c) => (c.req.path.startsWith('/oauth/') ? answerOAuthError(error) : answerError(error)));
  app.notFound(() => answerError(new PryxError('not_found', 'There is nothing at this address.')));

  // The hot path: its own limit, a count a hook.
  app.all('/telegram/:hook', prepare, receiveTelegram);

  app.get('/healthz', showHealth(loadKeyring)).all(only('GET'));
  app.get('/readyz', showHealth(loadKeyring, { owner: checkOwner })).all(only('GET'));

  // The owner's pages answer even their errors as pages.
  for (const { path, handler } of createPages({ clock: systemClock, random: systemRandom, loadKeyring }))
    app.all(path, needTls, handler);

  app.use(limitByAddress, needTls, prepare);
  app.get('/api/agents/control-plane/status', showControlPlane).all(only('GET'));
  app.get('/.well-known/jwks.json', showJwks).all(only('GET'));
  app.get(oauthPaths.metadata, showMetadata).all(only('GET'));
  app.post(oauthPaths.deviceAuthorization, authorizeDevice).all(only('POST'));
  app.post(oauthPaths.token, giveTokens).all(only('POST'));
  app.post(oauthPaths.revocation, revokeToken).all(only('POST'));
  app.get('/devices', listDevices).all(only('GET'));
  app.patch('/devices/:id', renameDevice).delete(revokeDevice).all(only('PATCH, DELETE'));
  app.get('/device', showDevice).all(only('GET'));
  app.get('/link', openLink).all(only('GET'));
  app.put('/hooks/telegram/:bot', registerTelegramHook).all(only('PUT'));
  return app;
}

/** The end of a route's chain: another method than it takes. */
function only(method: string): () => Response {
  return () => refuseMethod(method);
}
