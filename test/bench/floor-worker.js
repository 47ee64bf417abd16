// The bare floor of the relay: the same hand-overs with the same durability, and nothing else. No cryptography, no checks, no protocol.
import { DurableObject } from 'cloudflare:workers';

export class Mailbox extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('create table if not exists job (seq integer primary key autoincrement, body text not null)');
  }

  async fetch(request) {
    if (request.headers.get('upgrade') === 'websocket') {
      const pair = new WebSocketPair();
      this.ctx.acceptWebSocket(pair[1]);
      return new Response(null, { status: 101, webSocket: pair[0] });
    }
    const body = await request.text();
    const { seq } = this.ctx.storage.sql.exec('insert into job (body) values (?) returning seq', body).one();
    for (const socket of this.ctx.getWebSockets()) socket.send(`${seq} ${body}`);
    return new Response(null);
  }

  webSocketMessage(_socket, message) {
    this.ctx.storage.sql.exec('delete from job where seq <= ?', Number(message));
  }
}

export default {
  fetch(request, env) {
    return env.MAILBOX.get(env.MAILBOX.idFromName(new URL(request.url).pathname)).fetch(request);
  },
};
