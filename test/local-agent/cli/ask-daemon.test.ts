import { writeFileSync } from 'node:fs';
import { type Socket, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mkdirSync } from 'node:fs';
import { askDaemon } from '../../../local-agent/cli/ask-daemon.ts';
import { findHome } from '../../../local-agent/cli/home.ts';
import { readStatus } from '../../../local-agent/cli/read-status.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

async function serve(answer: (socket: Socket) => void) {
  const home = findHome(temporaryFolder());
  mkdirSync(home.runFolder);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(home.socket, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return home;
}
const saying = (text: string) => (socket: Socket) => void socket.once('data', () => socket.end(text));
const ask = { path: '/status' };

describe('asking a daemon', () => {
  it('gives its answer, and its own errors with their next step', async () => {
    const good = await serve(saying('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"fine":"ü"}'));
    expect(await askDaemon(good, ask)).toEqual({ fine: 'ü' });
    const bad = await serve(
      saying(
        'HTTP/1.1 503 Service Unavailable\r\n\r\n{"error":{"code":"unavailable","message":"Not now.","hint":"Later."}}',
      ),
    );
    await expect(askDaemon(bad, ask)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Not now.',
      hint: 'Later.',
    });
    const strange = await serve(saying('HTTP/1.1 500 Oops\r\n\r\n{"error":{"code":"constructor"}}'));
    await expect(askDaemon(strange, ask)).rejects.toMatchObject({ code: 'internal' });
  });

  it('says when none is there: no file, a file that is no socket, a socket that nobody listens on', async () => {
    const home = findHome(temporaryFolder());
    await expect(askDaemon(home, ask)).rejects.toMatchObject({
      code: 'daemon_not_running',
      hint: expect.stringContaining('pryx start'),
    });
    mkdirSync(home.runFolder);
    writeFileSync(home.socket, '');
    await expect(askDaemon(home, ask)).rejects.toMatchObject({ code: 'daemon_not_running' });
  });

  it('says when one is there and does not answer, or not as it should', async () => {
    const silent = await serve(() => {});
    await expect(askDaemon(silent, { ...ask, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('--force'),
    });
    for (const text of ['', 'SSH-2.0-OpenSSH\r\n\r\n', 'HTTP/1.1 200 OK\r\n'])
      await expect(askDaemon(await serve(saying(text)), ask)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(askDaemon(await serve(saying('HTTP/1.1 200 OK\r\n\r\n{"cut')), ask)).rejects.toMatchObject({
      code: 'internal',
    });
    await expect(readStatus(await serve(saying('HTTP/1.1 200 OK\r\n\r\n{"version":"9"}')))).rejects.toMatchObject({
      hint: expect.stringContaining('restart'),
    });
  });
});
