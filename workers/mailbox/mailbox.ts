/** The Durable Object of one device: the runtime's events on one side, the mailbox's plain functions on the other. */
import { DurableObject } from 'cloudflare:workers';
import { heartbeat, linkProtocol } from '../../shared/wire/version.ts';
import { createAlarm } from '../durable/alarm.ts';
import { createSql, systemClock, systemRandom } from '../durable/runtime.ts';
import type { Env } from '../environment.ts';
import { securityHeaders } from '../guard/answer.ts';
import { type MailboxCore, createMailbox } from './compose.ts';
import { type MailboxRoutes, createRoutes } from './routes.ts';
import { createSealer } from './runtime.ts';
import { type SocketPort, createSocketPort } from './socket.ts';

export class Mailbox extends DurableObject<Env> {
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
