/** The Durable Object of one device: the runtime's events on one side, the mailbox's plain functions on the other. */
import { DurableObject } from 'cloudflare:workers';
import { type IRequest, Router } from 'itty-router';
import { PryxError } from '../../shared/error.ts';
import { signJob } from '../../shared/wire/job.ts';
import { heartbeat, linkProtocol } from '../../shared/wire/version.ts';
import type { Env } from '../environment.ts';
import { answerEmpty, answerError, answerJson, securityHeaders } from '../guard/answer.ts';
import { readBoundedBody } from '../guard/bounded-body.ts';
import { createKeyringLoader, markText } from '../keys/keyring.ts';
import { createBodySealer } from '../keys/seal-bodies.ts';
import { secretHeader } from '../telegram/ingress.ts';
import { deviceHeader, originHeader, proofHeader } from './ask.ts';
import { type MailboxCore, createMailbox } from './compose.ts';
import type { Alarm, Sealer, Sql } from './ports.ts';
import { createSocketPort } from './socket.ts';

/** Room for 256 users and a secret. */
const maxRequestBytes = 16 * 1024;

export class Mailbox extends DurableObject<Env> {
  readonly #core: MailboxCore;
  readonly #sockets: ReturnType<typeof createSocketPort>;
  readonly #router: { fetch(request: Request): Promise<Response> };

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(heartbeat.ping, heartbeat.pong));
    this.#sockets = createSocketPort(ctx);
    this.#core = createMailbox({
      sql: createSql(ctx.storage),
      clock: { now: () => Date.now(), sleep: (ms) => scheduler.wait(ms) },
      random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
      sockets: this.#sockets,
      alarm: createAlarm(ctx),
      sealer: createSealer(env),
    });
    this.#router = createRouter(this.#core, () => this.#openLink());
  }

  override fetch(request: Request): Promise<Response> {
    return this.#router.fetch(request);
  }

  override alarm(): void {
    this.#core.sweep();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    return this.#core.frame(this.#sockets.wrap(socket), message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.wrap(socket).close(code === 1005 || code === 1006 ? 1000 : code, '');
    this.#core.closed();
  }

  override webSocketError(): void {
    this.#core.closed();
  }

  #openLink(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#core.open(this.#sockets.wrap(server));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'sec-websocket-protocol': linkProtocol, ...securityHeaders },
    });
  }
}

function createRouter(core: MailboxCore, openLink: () => Response): { fetch(request: Request): Promise<Response> } {
  const router = Router({ catch: (error: unknown) => answerError(error) });
  router.post('/telegram/:bot', async (incoming: IRequest) => {
    const { params, headers } = incoming;
    const answer = await core.receiveTelegram({
      bot: String(params.bot),
      secret: headers.get(secretHeader),
      traceparent: headers.get('traceparent'),
      readBody: (limit) => readBoundedBody(incoming, limit),
    });
    return answer === undefined ? answerEmpty(200) : answerJson(200, answer);
  });
  router.put('/hooks/telegram/:bot', async (incoming: IRequest) => {
    const { params, headers } = incoming;
    await core.registerHook({ proofId: proofOf(headers), bot: String(params.bot), body: await readJson(incoming) });
    return answerEmpty(204);
  });
  router.put('/device', async (incoming: IRequest) => {
    const { headers } = incoming;
    core.enrol({
      proofId: proofOf(headers),
      deviceId: headers.get(deviceHeader) ?? '',
      origin: headers.get(originHeader) ?? '',
      body: await readJson(incoming),
    });
    return answerEmpty(204);
  });
  router.get('/device', ({ headers }) => answerJson(200, core.status(proofOf(headers))));
  router.get('/link', ({ headers }) => {
    core.admit(proofOf(headers));
    return openLink();
  });
  return router;
}

const proofOf = (headers: Headers): string => headers.get(proofHeader) ?? '';

async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBoundedBody(request, maxRequestBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new PryxError('bad_request', 'The body is not JSON.');
  }
}

function createSql(storage: DurableObjectStorage): Sql {
  return {
    all: (statement, ...bindings) => storage.sql.exec<never>(statement, ...bindings).toArray(),
    transaction: (work) => storage.transactionSync(work),
  };
}

function createSealer(env: Env): Sealer {
  const loadKeyring = createKeyringLoader();
  const keyring = () => loadKeyring(env.PRYX_EDGE_KEYS);
  const bodies = createBodySealer({ now: () => Date.now() });
  return {
    seal: (sealingKey, body) => bodies.seal(sealingKey, body),
    async sign(claims) {
      const { signKey, kid } = await keyring();
      return signJob(signKey, kid, claims);
    },
    mark: async (label, text) => markText(await keyring(), label, text),
  };
}

/** An object has one alarm: it is only ever moved to an earlier time. */
function createAlarm(ctx: DurableObjectState): Alarm {
  let earliest: number | null = null;
  async function moveUp(at: number): Promise<void> {
    const set = await ctx.storage.getAlarm();
    if (set === null || set > at) await ctx.storage.setAlarm(at);
  }
  return {
    ensure(at) {
      const now = Date.now();
      if (earliest !== null && earliest <= at && earliest > now) return;
      earliest = at;
      ctx.waitUntil(moveUp(at));
    },
  };
}
