/** Opens the two doors of the local API: a port of the loopback interface and a socket file. */
import { chmodSync, rmSync } from 'node:fs';
import { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { PryxError, codeOf } from '../../shared/error.ts';
import type { App } from './app.ts';

export interface Listener {
  /** The port, also when any free one was asked for; null for a socket. */
  port: number | null;
  /** Resolves when no request runs any more; those that still do after a moment are cut off. */
  close: () => Promise<void>;
}

/** What a request may take, milliseconds: a slow sender holds nothing for long. */
const requestMs = 10_000;
const lastAnswersMs = 500;

/** `port` 0: any free one. Throws `port_in_use`. */
export async function listenOnPort(app: Pick<App, 'fetch'>, port: number): Promise<Listener> {
  const server = createServer(app);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ port, host: '127.0.0.1' }, resolve);
    });
  } catch (cause) {
    throw explainPort(cause, port);
  }
  return listener(server);
}

/** A file that a dead daemon left is replaced: call this only under the lock of the home. */
export async function listenOnSocket(app: Pick<App, 'fetch'>, path: string): Promise<Listener> {
  const server = createServer(app);
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ path }, resolve);
  });
  // Its folder is closed to others, so nobody came in before this.
  chmodSync(path, 0o600);
  return listener(server);
}

function createServer(app: Pick<App, 'fetch'>): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      maxHeaderSize: 8192,
      keepAliveTimeout: 5000,
    },
  });
  if (!(server instanceof Server)) throw new PryxError('internal', 'The HTTP server is of another kind.');
  server.maxConnections = 64;
  return server;
}

function listener(server: Server): Listener {
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : null,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), lastAnswersMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function explainPort(cause: unknown, port: number): unknown {
  const code = codeOf(cause);
  if (code === 'EADDRINUSE')
    return new PryxError('port_in_use', `Another program listens on port ${port} of this machine.`, {
      hint: 'Set PRYX_PORT to a free port (0 takes any), or stop the other program.',
      cause,
    });
  if (code === 'EACCES')
    return new PryxError('port_in_use', `Port ${port} may not be used without special rights.`, {
      hint: 'Set PRYX_PORT to a port above 1023.',
      cause,
    });
  return cause;
}
