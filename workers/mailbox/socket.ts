/** Hibernating WebSockets as the mailbox's port: what must outlive a sleep of the object is attached to the socket itself. */
import type { LinkSocket, LinkState, Sockets } from './ports.ts';

export interface SocketPort extends Sockets {
  wrap(socket: WebSocket): LinkSocket;
}

export function createSocketPort(ctx: DurableObjectState): SocketPort {
  // One wrapper a socket, so that sockets can be told apart by identity; gone with the object, made anew after a sleep.
  const wrapped = new WeakMap<WebSocket, LinkSocket>();

  function wrap(socket: WebSocket): LinkSocket {
    const known = wrapped.get(socket);
    if (known !== undefined) return known;
    const made = wrapSocket(ctx, socket);
    wrapped.set(socket, made);
    return made;
  }

  return { wrap, all: () => ctx.getWebSockets().map(wrap) };
}

function wrapSocket(ctx: DurableObjectState, socket: WebSocket): LinkSocket {
  const attached: { state: LinkState; heard: number } | null = socket.deserializeAttachment();
  let state: LinkState = attached?.state ?? { phase: 'new', sent: 0 };
  // Written along with the state, which is often enough: an object sleeps only while nothing but heartbeats comes.
  let heard = attached?.heard ?? 0;
  return {
    send(text) {
      try {
        socket.send(text);
      } catch {
        // It broke under us; its close event follows.
      }
    },
    close(code, reason) {
      try {
        socket.close(code, reason);
      } catch {
        // It is closed already.
      }
    },
    state: () => state,
    keep(next) {
      state = next;
      socket.serializeAttachment({ state, heard });
    },
    touch(at) {
      heard = at;
    },
    heardAt: () => Math.max(heard, ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0),
  };
}
