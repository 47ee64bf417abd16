/** The pages of the owner, as a table: each request meets the same checks, and every error becomes a page. */
import type { Context, Handler } from 'hono';
import { PryxError, httpStatus, toPryxError } from '../../../shared/error.ts';
import type { Clock, Random } from '../../durable/ports.ts';
import { type EdgeContext, readOrigin } from '../../environment.ts';
import { headersOf, seeOther } from '../../guard/answer.ts';
import { logInternal } from '../../guard/log.ts';
import { countAddress, countPairing } from '../../guard/rate-limit.ts';
import type { Keyring } from '../../keys/keyring.ts';
import { pageOrigin } from '../../../shared/pairing/page-origin.ts';
import { addPasskey, showAddPasskey } from './add-passkey.ts';
import { changeAccount, showAccount } from './account.ts';
import { checkSetupCode, claimEdge, showClaim } from './claim.ts';
import { createPageFrame } from './page-frame.ts';
import { decide, enterCode, showPair } from './pair.ts';
import { addPasskeyPath, home } from './return-path.ts';
import { recover, showRecover, showSignIn, signIn, signOut, signOutEverywhere } from './sign-in.ts';
import { viewError } from './views/error.ts';
import { type Visitor, meetVisitor } from './visitor.ts';

type Page = (visitor: Visitor) => Promise<Response>;

interface Route {
  path: string;
  get?: Page;
  post?: Page;
  /** Something could be guessed there: the narrow limit counts too. */
  guessable?: boolean;
}

const routes: readonly Route[] = [
  { path: '/', get: async () => seeOther(home) },
  { path: '/claim', get: showClaim, post: checkSetupCode, guessable: true },
  { path: '/claim/passkey', get: showClaim, post: claimEdge, guessable: true },
  { path: '/sign-in', get: showSignIn, post: signIn, guessable: true },
  { path: '/recover', get: showRecover, post: recover, guessable: true },
  { path: '/pair', get: showPair, post: enterCode, guessable: true },
  { path: '/pair/decide', get: async () => seeOther('/pair'), post: decide },
  { path: home, get: showAccount, post: changeAccount },
  { path: addPasskeyPath, get: showAddPasskey, post: addPasskey },
  { path: '/sign-out', get: async () => seeOther(home), post: signOut },
  { path: '/sign-out-everywhere', get: async () => seeOther(home), post: signOutEverywhere },
];

export function createPages(deps: {
  clock: Clock;
  random: Random;
  loadKeyring: (secret: string | undefined) => Promise<Keyring>;
}): { path: string; handler: Handler<EdgeContext> }[] {
  const frame = createPageFrame();

  async function answer(c: Context<EdgeContext>, route: Route): Promise<Response> {
    await countAddress(c);
    const page = c.req.method === 'GET' || c.req.method === 'HEAD' ? route.get : c.req.method === 'POST' && route.post;
    if (!page)
      throw new PryxError('method_not_allowed', 'This page takes no such request.', { hint: 'Open it in a browser.' });
    if (c.req.method === 'POST' && route.guessable === true) await countPairing(c);
    c.set('keyring', await deps.loadKeyring(c.env.PRYX_EDGE_KEYS));
    const there = pageOrigin(readOrigin(c.env, c.req.url));
    const { origin, pathname, search } = new URL(c.req.url);
    // Cookies and passkeys are of one host; a form is never passed on to another.
    if (origin !== there && c.req.method !== 'POST') return seeOther(`${there}${pathname}${search}`);
    return page(await meetVisitor(c, { ...deps, frame }));
  }

  async function answerError(c: Context<EdgeContext>, route: Route, thrown: unknown): Promise<Response> {
    const error = toPryxError(thrown);
    if (error.code === 'internal') logInternal(error);
    const view = viewError(
      error,
      route.path === home ? { path: '/', label: 'Try again' } : { path: home, label: 'Your account' },
    );
    const allow = error.code === 'method_not_allowed' ? { allow: route.post ? 'GET, POST' : 'GET' } : {};
    const { 'www-authenticate': _none, ...headers } = headersOf(error);
    return frame.answer(view, new URL(c.req.url).host, {
      status: httpStatus(error),
      headers: { ...headers, ...allow },
    });
  }

  return routes.map((route) => ({
    path: route.path,
    handler: (c) => answer(c, route).catch((error: unknown) => answerError(c, route, error)),
  }));
}
