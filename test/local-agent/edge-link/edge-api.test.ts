import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../local-agent/daemon/system.ts';
import { type EdgeApi, createEdgeApi } from '../../../local-agent/edge-link/edge-api.ts';
import { createProver } from '../../../local-agent/edge-link/prove.ts';
import { requestWithin } from '../../../local-agent/edge-link/request.ts';
import { openWebSocket } from '../../../local-agent/edge-link/ws-socket.ts';
import { generateSigningKey, importSignKey } from '../../../shared/wire/signature.ts';
import { createHurriedClock } from '../../support/hurried-clock.ts';

const jwk = await generateSigningKey();
const identity = { jwk, key: await importSignKey(jwk) };

let server: Server;
let answer: { status: number; body: string };
let seen: { method: string | undefined; url: string | undefined; body: string }[];
let origin: string;
let api: EdgeApi;
beforeEach(async () => {
  answer = { status: 200, body: '{}' };
  seen = [];
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  server.on('upgrade', (_request, socket) => {
    // The device hangs up on what is too long.
    socket.on('error', () => undefined).end(`HTTP/1.1 ${answer.status} No\r\nconnection: close\r\n\r\n${answer.body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = createHurriedClock();
  const prove = createProver({ identity, clock, random: systemRandom });
  api = createEdgeApi({ origin, prove, clock, request: requestWithin(2_000) });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const error = (code: string) => JSON.stringify({ error: { code, message: '\u001b[31m what the edge writes' } });

describe('the devices of the owner, asked of the edge', () => {
  it('are renamed and revoked, whatever else a good answer holds', async () => {
    answer = { status: 200, body: '' };
    await api.renameDevice('token', 'a/b', 'Pi');
    answer = { status: 204, body: '' };
    await api.revokeDevice('token', 'id');
    expect(seen).toEqual([
      { method: 'PATCH', url: '/devices/a%2Fb', body: '{"name":"Pi"}' },
      { method: 'DELETE', url: '/devices/id', body: '' },
    ]);
  });

  it('come with the form they are known in, or not at all', async () => {
    for (const body of [
      '{}',
      '[]',
      'rubbish',
      '{"devices":[{"device_id":1}]}',
      `{"devices":[]}${' '.repeat(100_000)}`,
    ]) {
      answer = { status: 200, body };
      await expect(api.devices('token')).rejects.toMatchObject({ code: 'edge_unreachable' });
    }
  });

  it.each([
    [401, 'not_paired', 'not_paired'],
    [401, 'revoked', 'revoked'],
    [401, 'bad_proof', 'bad_proof'],
    [401, 'something', 'not_paired'],
    [404, 'not_found', 'not_found'],
    [409, 'conflict', 'conflict'],
    [429, 'rate_limited', 'rate_limited'],
    [400, 'bad_request', 'bad_request'],
    [500, 'internal', 'edge_unreachable'],
    [302, 'internal', 'edge_unreachable'],
    [418, 'constructor', 'edge_unreachable'],
  ])('refused with %i %s are told as %s, in words of our own', async (status, said, code) => {
    answer = { status, body: error(said) };
    const failure = await api.devices('token').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toContain('what the edge writes');
  });
});

describe('a link that the edge does not open', () => {
  const open = () =>
    new Promise<{ status?: number; errorCode?: string }>((closed) => {
      openWebSocket(
        `${origin.replace('http', 'ws')}/link`,
        { protocol: 'x', headers: {} },
        { opened: () => undefined, received: () => undefined, closed },
      );
    });

  it('says why, when the edge said it in a way that is known', async () => {
    for (const [status, body, errorCode] of [
      [401, error('revoked'), 'revoked'],
      [401, error('not_paired'), 'not_paired'],
      [401, error('\u001b[2J'), undefined],
      [503, 'busy', undefined],
      [401, `${error('revoked')}${' '.repeat(1_000_000)}`, undefined],
    ] as const) {
      answer = { status, body };
      const reason = await open();
      expect([reason.status, reason.errorCode], body.slice(0, 40)).toEqual([status, errorCode]);
    }
  });
});
