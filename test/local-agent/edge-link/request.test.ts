import { type AddressInfo, type Server, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { requestWithin } from '../../../local-agent/edge-link/request.ts';

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A server that says `answer`, and hangs up when `end`. */
async function serve(answer: string, end: boolean): Promise<string> {
  server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => (end ? socket.end(answer) : socket.write(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('a request that gets no whole answer', () => {
  it.each([
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'],
    ['half of one', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"'],
    ['half of one, in pieces', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"a"\r\n'],
    ['a promise of one', 'HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n'],
    ['headers without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`],
    ['something else', 'SSH-2.0-OpenSSH\r\n'],
    ['nothing', ''],
  ])('but %s fails in time, whether the server hangs up or not', async (_what, answer) => {
    for (const end of [true, false]) {
      const url = await serve(answer, end);
      await expect(requestWithin(100)('POST', url, {}, 'body')).rejects.toBeInstanceOf(Error);
      if (!end) continue;
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
