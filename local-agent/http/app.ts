/**
 * The local API. On the loopback port: the probes, for anybody. On the socket, which only the owner can open: everything.
 * Responses: shared/api/.
 */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { HealthResponse, StatusResponse } from '../../shared/api/status.ts';
import type { JobTrace } from '../../shared/api/trace.ts';
import { PryxError, errorBody, httpStatus, toPryxError } from '../../shared/error.ts';
import type { Log } from '../core/log.ts';

export interface AppDeps {
  surface: 'tcp' | 'socket';
  log: Log;
  /** `live`: is this process of use at all; `ready`: does everything that was set up work. */
  health: (question: 'live' | 'ready') => HealthResponse;
  /** With `mailbox` the edge is asked too, which takes as long as it takes. */
  status: (options: { mailbox: boolean }) => Promise<StatusResponse>;
  /** When one job passed each hop. */
  trace: (jobId: string) => JobTrace;
  /** The one-time link that makes whoever opens it the owner; null when there is an owner. */
  claimUrl: () => string | null;
  /** Begins to stop; returns at once. */
  stop: () => void;
}

export type App = ReturnType<typeof createApp>;

export function createApp(deps: AppDeps) {
  const { surface, log } = deps;
  const ownerOnly = surface === 'socket' ? pass : hide;
  const app = new Hono();
  app.use(secureHeaders);
  if (surface === 'tcp') app.use(loopbackHostOnly);
  app.notFound((context) => fail(context, unknownAddress()));
  app.onError((error, context) => {
    const known = toPryxError(error);
    if (known.code === 'internal') log.error('http.failed', error, { path: context.req.routePath });
    return fail(context, known);
  });
  return app
    .get('/healthz', (context) => answerHealth(context, deps.health('live')))
    .get('/readyz', (context) => answerHealth(context, deps.health('ready')))
    .get('/status', ownerOnly, async (context) =>
      context.json(await deps.status({ mailbox: context.req.query('mailbox') === 'true' })),
    )
    .get('/jobs/:id/trace', ownerOnly, (context) => context.json(deps.trace(context.req.param('id'))))
    .get('/claim', ownerOnly, (context) => context.json({ url: deps.claimUrl() }))
    .post('/stop', ownerOnly, (context) => {
      // After the answer has left: stopping closes this connection.
      setImmediate(deps.stop);
      return context.json({ pid: process.pid }, 202);
    });
}

const unknownAddress = (): PryxError =>
  new PryxError('not_found', 'There is nothing at this address.', { hint: 'See docs/protocol.md for what there is.' });

const pass: MiddlewareHandler = (_context, next) => next();

const hide: MiddlewareHandler = () => {
  throw unknownAddress();
};

/** A page in the owner's browser may reach this port under a name of its own (DNS rebinding); then the name is not a loopback one. */
const loopbackHostOnly: MiddlewareHandler = (context, next) => {
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(context.req.header('host') ?? ''))
    throw new PryxError('bad_request', 'This address is served to this machine only.', {
      hint: 'Use http://127.0.0.1 with the port.',
    });
  return next();
};

const secureHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  headers.set('cache-control', 'no-store');
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('x-content-type-options', 'nosniff');
};

const answerHealth = (context: Context, health: HealthResponse) =>
  context.json(health, health.status === 'ok' ? 200 : 503);

const fail = (context: Context, error: PryxError): Response =>
  context.json(errorBody(error), httpStatus(error) as ContentfulStatusCode);
