/** A TCP proxy that can hold back either direction: what was sent and has not arrived. */
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface TcpProxy {
  port: number;
  /** Nothing passes in this direction from now on; it is kept. `up`: from the client to the target. */
  hold(direction: 'up' | 'down'): void;
  /** What was kept goes on. */
  release(): void;
  /** Breaks every connection; what was kept is lost, as on a real line. */
  cut(): void;
  close(): Promise<void>;
}

export async function createTcpProxy(targetPort: () => number): Promise<TcpProxy> {
  const held = { up: false, down: false };
  const pairs = new Set<{ client: Socket; target: Socket }>();

  const server = createServer((client) => {
    const target = connect({ port: targetPort(), host: '127.0.0.1' });
    const pair = { client, target };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) socket.on('error', end).on('close', end).setNoDelay(true);
    client.on('data', (data) => void target.write(data));
    target.on('data', (data) => void client.write(data));
    if (held.up) client.pause();
    if (held.down) target.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    hold(direction) {
      held[direction] = true;
      for (const { client, target } of pairs) (direction === 'up' ? client : target).pause();
    },
    release() {
      held.up = false;
      held.down = false;
      for (const { client, target } of pairs) {
        client.resume();
        target.resume();
      }
    },
    cut,
    close: () => {
      cut();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };

  function cut(): void {
    held.up = false;
    held.down = false;
    for (const { client, target } of pairs) {
      client.destroy();
      target.destroy();
    }
  }
}
