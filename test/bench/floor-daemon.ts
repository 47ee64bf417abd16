/** The floor of the daemon: the same server, socket and database libraries, and nothing that they would do. */
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { createAdaptorServer } from '@hono/node-server';
import Sqlite from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { Hono } from 'hono';
import { WebSocket } from 'ws';

const home = mkdtempSync('/tmp/pryx-floor-');
const client = new Sqlite(`${home}/floor.db`);
client.pragma('journal_mode = wal');
drizzle({ client });
const app = new Hono().get('/healthz', (context) => context.text('ok'));
const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
server.listen({ port: 0, host: '127.0.0.1' }, () => void writeSync(3, JSON.stringify({ sockets: WebSocket.OPEN })));
process.on('SIGTERM', () => {
  rmSync(home, { recursive: true, force: true });
  process.exit(0);
});
