import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Transport,
  TransportError,
  createTransport,
} from '../../../../../local-agent/channels/telegram/api/transport.ts';
import { offeredGroups, postQuantumGroup, x25519Group } from './client-hello.ts';
import { makeCertificate } from './make-certificate.ts';

const token = '123456:a-secret-that-must-not-be-shown-anywhere';
const fine = '{"ok":true,"result":{"message_id":7}}';
const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

function openTransport(options: { tlsGroups?: string } = {}): Transport & { slept: number[] } {
  const slept: number[] = [];
  const transport = createTransport({
    clock: { now: () => 0, sleep: (ms) => Promise.resolve(void slept.push(ms)) },
    random: { fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
    ...options,
  });
  cleanUp.push(() => transport.close());
  return Object.assign(transport, { slept });
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = (transport: Transport, origin: string, signal = new AbortController().signal): Promise<unknown> =>
  transport
    .fetch(`${origin}/bot${token}/sendMessage`, {
      headers: { 'content-type': 'application/json' },
      body: '{"a":"ü"}',
      signal,
    })
    .then((answer) => answer.json());

/** The failure of a request, after a look that it tells no secret. */
async function failureOf(request: Promise<unknown>): Promise<TransportError> {
  const error = await request.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransportError)) throw error;
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('a-secret');
  return error;
}

describe('over plain HTTP', () => {
  test('requests share a connection, and carry their body whole', async () => {
    const bodies: string[] = [];
    let connections = 0;
    const server = http.createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => bodies.push(`${request.method} ${request.url} ${text}`));
      request.on('end', () => response.end(fine));
    });
    server.on('connection', () => (connections += 1));
    const origin = `http://${await listen(server)}`;
    const transport = openTransport();
    expect(await post(transport, origin)).toEqual({ ok: true, result: { message_id: 7 } });
    await post(transport, origin);
    expect(bodies).toEqual(Array.from({ length: 2 }, () => `POST /bot${token}/sendMessage {"a":"ü"}`));
    expect(connections).toBe(1);
  });

  test('a connection that is used again and again gathers nothing', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', onWarning);
    cleanUp.push(() => process.off('warning', onWarning));
    const server = http.createServer((request, response) => void request.resume().on('end', () => response.end(fine)));
    const origin = `http://${await listen(server)}`;
    const transport = openTransport();
    for (let request = 0; request < 30; request += 1) await post(transport, origin);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  test('a refusal of the Bot API is an answer like any other', async () => {
    const refusal = '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":3}}';
    const origin = `http://${await listen(http.createServer((_, response) => void response.writeHead(429).end(refusal)))}`;
    expect(await post(openTransport(), origin)).toEqual(JSON.parse(refusal));
  });

  test('where nobody listens, nothing has left', async () => {
    const server = net.createServer();
    const origin = `http://${await listen(server)}`;
    await cleanUp.pop()?.();
    const failure = await failureOf(post(openTransport(), origin));
    expect(failure).toMatchObject({ left: false, message: expect.stringContaining('ECONNREFUSED') });
  });

  test('where the name means nothing, nothing has left', async () => {
    expect(await failureOf(post(openTransport(), 'http://nowhere.invalid'))).toMatchObject({ left: false });
  });

  test.each([
    ['reset when it was read', (socket: Socket) => socket.resetAndDestroy()],
    ['closed without a word', (socket: Socket) => socket.end()],
    [
      'cut off in the middle of the answer',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"ok":t'),
    ],
    ['answered with something that is no HTTP', (socket: Socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n')],
  ])('a request %s may have arrived', async (_, end) => {
    const origin = `http://${await listen(net.createServer((socket) => socket.once('data', () => end(socket)).on('error', () => undefined)))}`;
    expect(await failureOf(post(openTransport(), origin))).toMatchObject({ left: true });
  });

  test('a request on a connection that breaks just then may have arrived', async () => {
    let requests = 0;
    const server = http.createServer((request, response) => {
      requests += 1;
      if (requests === 1) response.end(fine);
      else request.socket.resetAndDestroy();
    });
    const origin = `http://${await listen(server)}`;
    const transport = openTransport();
    await post(transport, origin);
    expect(await failureOf(post(transport, origin))).toMatchObject({ left: true });
    expect(requests).toBe(2);
  });

  test.each([
    ['a page of a proxy', 502, '<html><h1>502 Bad Gateway</h1></html>'],
    ['half a document', 200, '{"ok":true,"resu'],
    ['JSON of somebody else', 404, '{"error":"no such route"}'],
    ['nothing', 200, ''],
    ['null', 200, 'null'],
  ])('%s is no answer of the Bot API, and is not repeated', async (_, status, body) => {
    const origin = `http://${await listen(http.createServer((request, response) => void request.resume().on('end', () => response.writeHead(status).end(body))))}`;
    const failure = await failureOf(post(openTransport(), origin));
    expect(failure).toMatchObject({ left: true, status });
    expect(failure.message).toBe(`an answer with HTTP status ${status} that is not the Bot API's`);
  });

  test('a request that is given up while it waits for its answer may have arrived', async () => {
    const giveUp = new AbortController();
    const origin = `http://${await listen(http.createServer(() => giveUp.abort()))}`;
    expect(await failureOf(post(openTransport(), origin, giveUp.signal))).toMatchObject({ left: true });
  });

  test('a request that was given up before it began has not left', async () => {
    let requests = 0;
    const origin = `http://${await listen(http.createServer(() => (requests += 1)))}`;
    expect(await failureOf(post(openTransport(), origin, AbortSignal.abort()))).toMatchObject({ left: false });
    expect(requests).toBe(0);
  });

  test('closing leaves alone what is under way', async () => {
    const transport = openTransport();
    const server = http.createServer((_, response) => {
      transport.close();
      response.end(fine);
    });
    expect(await post(transport, `http://${await listen(server)}`)).toMatchObject({ ok: true });
  });
});

describe('over TLS', () => {
  const certificate = makeCertificate();

  function trust(): void {
    const before = tls.getCACertificates('default');
    tls.setDefaultCACertificates([certificate.cert]);
    cleanUp.push(() => tls.setDefaultCACertificates(before));
  }

  /** A server behind a gate that sees each first message, and resets the connection when told so. */
  async function openGate(resets: (groups: number[]) => boolean): Promise<{ origin: string; seen: number[][] }> {
    const inner = https.createServer(
      certificate,
      (request, response) => void request.resume().on('end', () => response.end(fine)),
    );
    const innerPort = Number((await listen(inner)).split(':')[1]);
    const seen: number[][] = [];
    const gate = net.createServer((socket) => {
      let hello = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', function collect(chunk: Buffer) {
        hello = Buffer.concat([hello, chunk]);
        const groups = offeredGroups(hello);
        if (groups === undefined) return;
        socket.off('data', collect);
        seen.push(groups);
        if (resets(groups)) return void socket.resetAndDestroy();
        const through = net.connect(innerPort, '127.0.0.1');
        through.on('error', () => socket.destroy());
        through.write(hello);
        socket.pipe(through).pipe(socket);
        socket.on('close', () => through.destroy());
      });
    });
    return { origin: `https://${await listen(gate)}`, seen };
  }

  test('a reset of a post-quantum handshake is repeated without, and remembered', async () => {
    trust();
    const { origin, seen } = await openGate((groups) => groups.includes(postQuantumGroup));
    const transport = openTransport();
    expect(await post(transport, origin)).toMatchObject({ ok: true });
    expect(transport.slept).toEqual([100]);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toContain(postQuantumGroup);
    expect(seen[1]).not.toContain(postQuantumGroup);
    transport.close();
    await post(transport, origin);
    expect(seen.slice(2)).toEqual([seen[1]]);
  });

  test('where nothing resets, what Node offers stays', async () => {
    trust();
    const { origin, seen } = await openGate(() => false);
    const transport = openTransport();
    await post(transport, origin);
    await post(transport, origin);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain(postQuantumGroup);
  });

  test('the groups can be set', async () => {
    trust();
    const { origin, seen } = await openGate(() => false);
    await post(openTransport({ tlsGroups: 'X25519' }), origin);
    expect(seen).toEqual([[x25519Group]]);
  });

  test('handshakes that are reset again and again end as not left', async () => {
    trust();
    const { origin, seen } = await openGate(() => true);
    const transport = openTransport();
    expect(await failureOf(post(transport, origin))).toMatchObject({ left: false });
    expect(seen).toHaveLength(4);
    expect(transport.slept).toEqual([100, 200, 400]);
  });

  test('a certificate that is not trusted gets no request', async () => {
    const { origin, seen } = await openGate(() => false);
    expect(await failureOf(post(openTransport(), origin))).toMatchObject({ left: false });
    expect(seen).toHaveLength(1);
  });

  test('a request that is given up during the handshake has not left', async () => {
    const giveUp = new AbortController();
    const origin = `https://${await listen(net.createServer((socket) => void socket.on('error', () => undefined).once('data', () => giveUp.abort())))}`;
    expect(await failureOf(post(openTransport(), origin, giveUp.signal))).toMatchObject({ left: false });
  });
});
