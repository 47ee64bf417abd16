/** The Durable Object of one device: the runtime's events and RPC on one side, the mailbox's plain functions on the other. */
import { DurableObject } from 'cloudflare:workers';
import { heartbeat, linkProtocol } from '../../shared/wire/version.ts';
import { createAlarm } from '../durable/alarm.ts';
import { type Remote, answer } from '../durable/answer.ts';
import { createSql, systemClock, systemRandom } from '../durable/runtime.ts';
import type { Env } from '../environment.ts';
import { securityHeaders } from '../guard/answer.ts';
import { type MailboxCore, createMailbox } from './compose.ts';
import type { MailboxApi } from './mailbox-api.ts';
import { type MailboxRoutes, createRoutes } from './routes.ts';
import { createSealer } from './runtime.ts';
import { type SocketPort, createSocketPort } from './socket.ts';

type Given<Name extends keyof MailboxApi> = Parameters<MailboxApi[Name]>[0];

export class Mailbox extends DurableObject<Env> implements Remote<MailboxApi> {
  readonly #sockets: SocketPort;
  readonly #core: MailboxCore;
  readonly #routes: MailboxRoutes;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(heartbeat.ping, heartbeat.pong));
    this.#sockets = createSocketPort(ctx);
    this.#core = createMailbox({
      sql: createSql(ctx.storage),
      clock: systemClock,
      random: systemRandom,
      sockets: this.#sockets,
      alarm: createAlarm(ctx, systemClock),
      sealer: createSealer(env, systemClock),
    });
    this.#routes = createRoutes(this.#core, () => this.#acceptSocket());
  }

  admit(device: Given<'admit'>) {
    return answer(() => this.#core.admit(device));
  }
  revoke(how: Given<'revoke'>) {
    return answer(() => this.#core.revoke(how));
  }
  takeProof(caller: Given<'takeProof'>) {
    return answer(() => this.#core.takeProof(caller));
  }
  contact() {
    return answer(() => this.#core.contact());
  }
  registerHook(request: Given<'registerHook'>) {
    return answer(() => this.#core.registerHook(request));
  }
  status(caller: Given<'status'>) {
    return answer(() => this.#core.status(caller));
  }

  override fetch(request: Request): Promise<Response> {
    return this.#routes.fetch(request);
  }

  override alarm(): void {
    this.#core.sweep();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    return this.#core.frame(this.#sockets.wrap(socket), message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#core.closed(this.#sockets.wrap(socket));
  }

  override webSocketError(socket: WebSocket): void {
    this.#core.closed(this.#sockets.wrap(socket));
  }

  #acceptSocket(): Response {
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
