/**
 * The local API. On the loopback port: the probes, for anybody. On the socket, which only the owner can open: everything.
 * Responses: shared/api/.
 */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type DevicesResponse, renameDeviceRequest } from '../../shared/api/devices.ts';
import { type PairingState, type StartPairingRequest, startPairingRequest } from '../../shared/api/pairing.ts';
import type { SettingsResponse } from '../../shared/api/settings.ts';
import type { HealthResponse, StatusResponse } from '../../shared/api/status.ts';
import type { JobTrace } from '../../shared/api/trace.ts';
import { PryxError, errorBody, httpStatus, toPryxError } from '../../shared/error.ts';
import type { Log } from '../core/log.ts';
import type { ConversationReader } from '../workspaces/read-conversations.ts';
import { readBody, readConversation, readDeviceId, smallBody } from './read-request.ts';

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
  /** Pairs this device with an edge (shared/api/pairing.ts). */
  pairing: {
    start: (request: StartPairingRequest) => Promise<PairingState>;
    state: () => PairingState;
    giveUp: () => PairingState;
  };
  /** The devices of the edge's owner, asked of the edge. */
  devices: () => DeviceDesk;
  /** What was said, to be read again. */
  conversations: () => ConversationReader;
  /** What the daemon took from its environment, without what is secret in it. */
  settings: () => SettingsResponse;
  /** Begins to stop; returns at once. */
  stop: () => void;
}

export interface DeviceDesk {
  devices: () => Promise<DevicesResponse>;
  renameDevice: (deviceId: string, name: string) => Promise<void>;
  revokeDevice: (deviceId: string) => Promise<void>;
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
    .get('/pairing', ownerOnly, (context) => context.json(deps.pairing.state()))
    .post('/pairing', ownerOnly, smallBody, async (context) =>
      context.json(await deps.pairing.start(await readBody(context, startPairingRequest)), 202),
    )
    .delete('/pairing', ownerOnly, (context) => context.json(deps.pairing.giveUp()))
    .get('/devices', ownerOnly, async (context) => context.json(await deps.devices().devices()))
    .patch('/devices/:id', ownerOnly, smallBody, async (context) => {
      const { name } = await readBody(context, renameDeviceRequest);
      await deps.devices().renameDevice(readDeviceId(context), name);
      return context.json({ device_id: readDeviceId(context), name });
    })
    .delete('/devices/:id', ownerOnly, async (context) => {
      await deps.devices().revokeDevice(readDeviceId(context));
      return context.json({ device_id: readDeviceId(context), state: 'revoked' as const });
    })
    .get('/conversations', ownerOnly, (context) => context.json(deps.conversations().list()))
    .get('/conversations/:id', ownerOnly, (context) =>
      context.json(readConversation(context, (id) => deps.conversations().read(id))),
    )
    .get('/settings', ownerOnly, (context) => context.json(deps.settings()))
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
