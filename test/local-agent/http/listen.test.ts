import { statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Listener, listenOnPort, listenOnSocket } from '../../../local-agent/http/listen.ts';
import { ask, askSocket } from '../daemon/ask-socket.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const app = new Hono().get('/', (context) => context.json({ fine: true }));

async function opened(listener: Promise<Listener>): Promise<Listener> {
  const open = await listener;
  onTestFinished(open.close);
  return open;
}

describe('the port', () => {
  it('is open to this machine only, and any free one does when 0 is asked for', async () => {
    const { port } = await opened(listenOnPort(app, 0));
    expect(await ask({ host: '127.0.0.1', port })).toMatchObject({ status: 200, body: { fine: true } });
    await expect(ask({ host: '127.0.0.2', port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that another program has is named, with the way out', async () => {
    const { port } = await opened(listenOnPort(app, 0));
    await expect(listenOnPort(app, port ?? 0)).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('PRYX_PORT'),
    });
  });
});

describe('the socket', () => {
  it('is its owner alone, and takes the place of one that a dead daemon left', async () => {
    const path = join(temporaryFolder(), 'pryx.sock');
    writeFileSync(path, 'stale');
    const { port } = await opened(listenOnSocket(app, path));
    expect(port).toBeNull();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await askSocket(path, '/')).toMatchObject({ status: 200 });
  });
});

describe('closing', () => {
  it('lets a request end, and does not wait for connections that ask nothing', async () => {
    const slow = new Hono().get('/', async (context) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return context.json({ fine: true });
    });
    const listener = await listenOnPort(slow, 0);
    const idle = connect({ port: listener.port ?? 0, host: '127.0.0.1' });
    const stuck = connect({ port: listener.port ?? 0, host: '127.0.0.1' });
    stuck.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const cut = Promise.all([idle, stuck].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    for (const socket of [idle, stuck]) socket.on('error', () => {});
    const answer = ask({ host: '127.0.0.1', port: listener.port });
    await new Promise((resolve) => setTimeout(resolve, 10));
    await listener.close();
    expect(await answer).toMatchObject({ status: 200 });
    await cut;
  });
});
