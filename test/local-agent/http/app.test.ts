import { describe, expect, it } from 'vitest';
import type { PairingState, StartPairingRequest } from '../../../shared/api/pairing.ts';
import type { HealthResponse, StatusResponse } from '../../../shared/api/status.ts';
import { PryxError } from '../../../shared/error.ts';
import { type AppDeps, createApp } from '../../../local-agent/http/app.ts';

const ok: HealthResponse = { status: 'ok', checks: { process: { status: 'ok' } } };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const status: StatusResponse = {
  version: '1.2.3',
  daemon: { pid: 1, state: 'ready', startedAt: 1, rssBytes: 1, home: '/h', port: 7717 },
  database: { state: 'ok', version: 1, bytes: 1, setAside: null },
  link: { state: 'off', edge: null, deviceId: null, lastError: null, mailbox: null },
  channels: [],
  model: { provider: 'offline', model: null, state: 'offline', lastError: null },
  queue: { inbox: 0, turns: 0, outbox: 0, inDoubt: 0, failed: 0 },
};

const waiting: PairingState = {
  state: 'waiting',
  edge: 'https://edge.example',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://edge.example/pair',
  verification_uri_complete: 'https://edge.example/pair?user_code=WDJB-MJHT',
  device_name: 'Pi',
  platform: 'Linux arm64',
  words: ['one', 'two', 'three', 'four'],
  expires_at: 1,
};
const deviceId = 'A'.repeat(43);

const anna = {
  id: 7,
  channel: 'telegram',
  key: '7',
  audience: 'private',
  name: 'Anna',
  lastAt: 1,
  messages: 0,
} as const;

const appOn = (surface: 'tcp' | 'socket', deps: Partial<AppDeps> = {}) =>
  createApp({
    surface,
    log: quiet,
    health: () => ok,
    status: () => Promise.resolve(status),
    trace: (job) => ({ job, state: 'unknown', hops: [] }),
    claimUrl: () => null,
    pairing: {
      start: () => Promise.resolve(waiting),
      state: () => ({ state: 'none' }),
      giveUp: () => ({ state: 'none' }),
    },
    devices: () => ({
      devices: () => Promise.resolve({ devices: [] }),
      renameDevice: () => Promise.resolve(),
      revokeDevice: () => Promise.resolve(),
    }),
    conversations: () => ({
      list: () => ({ conversations: [anna], more: false }),
      read: () => ({ conversation: anna, messages: [] }),
    }),
    settings: () => ({ variables: [] }),
    stop: () => {},
    ...deps,
  });
const host = { headers: { host: '127.0.0.1:7717' } };

describe('on the loopback port', () => {
  it('anybody may ask for the probes, and nothing else is there', async () => {
    const app = appOn('tcp');
    for (const path of ['/healthz', '/readyz']) {
      const response = await app.request(path, host);
      expect([response.status, await response.json()]).toEqual([200, ok]);
    }
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/status'],
      ['POST', '/stop'],
      ['GET', '/claim'],
      ['GET', '/jobs/tg%3A1%3A2/trace'],
      ['POST', '/pairing'],
      ['GET', '/pairing'],
      ['DELETE', '/pairing'],
      ['GET', '/devices'],
      ['PATCH', `/devices/${deviceId}`],
      ['DELETE', `/devices/${deviceId}`],
      ['GET', '/conversations'],
      ['GET', '/conversations/1'],
      ['GET', '/settings'],
      ['POST', '/healthz'],
      ['GET', '/nothing'],
    ]) {
      const response = await app.request(path ?? '', { method: method ?? '', ...host });
      expect(response.status, `${method} ${path}`).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    }
  });

  it('a page that came under another name gets nothing', async () => {
    const app = appOn('tcp');
    for (const name of [
      'pryx.example',
      'localhost.example',
      '127.0.0.1.example:7717',
      'evil@localhost',
      '0.0.0.0',
      '',
    ]) {
      const response = await app.request('/healthz', { headers: { host: name } });
      expect(response.status, name).toBe(400);
    }
    for (const name of ['localhost', 'LOCALHOST:7717', '127.0.0.1', '[::1]:7717'])
      expect((await app.request('/healthz', { headers: { host: name } })).status, name).toBe(200);
  });

  it('every answer, also a refusal, forbids to keep, frame, guess or share it', async () => {
    const app = appOn('tcp');
    for (const path of ['/healthz', '/nothing']) {
      const { headers } = await app.request(path, host);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
    }
  });
});

describe('the probes', () => {
  it('are 503 when unhealthy, each with its own question', async () => {
    const app = appOn('tcp', { health: (question) => ({ ...ok, status: question === 'ready' ? 'unhealthy' : 'ok' }) });
    expect((await app.request('/healthz', host)).status).toBe(200);
    expect((await app.request('/readyz', host)).status).toBe(503);
    expect((await app.request('/readyz', { method: 'HEAD', ...host })).status).toBe(503);
  });
});

describe('on the socket', () => {
  it('the owner sees the status, and the mailbox only when asked for', async () => {
    const asked: boolean[] = [];
    const app = appOn('socket', {
      status: ({ mailbox }) => {
        asked.push(mailbox);
        return Promise.resolve(status);
      },
    });
    expect(await (await app.request('/status')).json()).toEqual(status);
    await app.request('/status?mailbox=true');
    expect(asked).toEqual([false, true]);
  });

  it('the way of a job and the claim link can be asked for', async () => {
    const app = appOn('socket', { claimUrl: () => 'https://t.me/bot?start=x' });
    expect(await (await app.request('/jobs/tg%3A1%3A2/trace')).json()).toEqual({
      job: 'tg:1:2',
      state: 'unknown',
      hops: [],
    });
    expect(await (await app.request('/claim')).json()).toEqual({ url: 'https://t.me/bot?start=x' });
  });

  it('stopping is answered before it happens', async () => {
    let stopped = 0;
    const app = appOn('socket', { stop: () => void stopped++ });
    const response = await app.request('/stop', { method: 'POST' });
    expect([response.status, stopped]).toEqual([202, 0]);
    expect(await response.json()).toEqual({ pid: process.pid });
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(1);
  });

  it('an error says its code and next step; what was not foreseen goes to the log alone', async () => {
    const logged: unknown[] = [];
    const failures: Error[] = [
      new PryxError('unavailable', 'Not now.', { hint: 'Later.' }),
      new Error('a secret thing'),
    ];
    const app = appOn('socket', {
      log: { ...quiet, error: (event, error) => void logged.push([event, error]) },
      status: () => Promise.reject(failures.shift() ?? new Error('no more')),
    });
    const foreseen = await app.request('/status');
    expect([foreseen.status, await foreseen.json()]).toEqual([
      503,
      { error: { code: 'unavailable', message: 'Not now.', hint: 'Later.' } },
    ]);
    expect(logged).toEqual([]);
    const unforeseen = await app.request('/status');
    expect([unforeseen.status, JSON.stringify(await unforeseen.json())]).toEqual([
      500,
      expect.not.stringContaining('secret'),
    ]);
    expect(logged).toEqual([['http.failed', expect.objectContaining({ message: 'a secret thing' })]]);
  });
});

describe('pairing, on the socket', () => {
  const begin = (app: ReturnType<typeof appOn>, body: string) => app.request('/pairing', { method: 'POST', body });

  it('begins with what was asked for, also with nothing, and is told how it stands', async () => {
    const asked: StartPairingRequest[] = [];
    let givenUp = 0;
    const app = appOn('socket', {
      pairing: {
        start(request) {
          asked.push(request);
          return Promise.resolve(waiting);
        },
        state: () => waiting,
        giveUp() {
          givenUp += 1;
          return { state: 'none' };
        },
      },
    });
    const request = { edge: 'https://edge.example', name: 'Pi', again: true };
    const response = await begin(app, JSON.stringify(request));
    expect([response.status, await response.json()]).toEqual([202, waiting]);
    expect((await app.request('/pairing', { method: 'POST' })).status).toBe(202);
    expect(asked).toEqual([request, {}]);
    expect(await (await app.request('/pairing')).json()).toEqual(waiting);
    expect(await (await app.request('/pairing', { method: 'DELETE' })).json()).toEqual({ state: 'none' });
    expect(givenUp).toBe(1);
  });

  it('refuses what it cannot read, and what is too large, and repeats none of it', async () => {
    const app = appOn('socket');
    for (const [body, status] of [
      ['{', 400],
      ['null', 400],
      ['[]', 400],
      ['{"edge":7}', 400],
      ['{"again":"<secret>"}', 400],
      ['{"<secret>":true}', 400],
      [JSON.stringify({ edge: 'x'.repeat(2049) }), 400],
      [JSON.stringify({ edge: 'x'.repeat(20_000) }), 413],
    ] as const) {
      const response = await begin(app, body);
      expect(response.status, body.slice(0, 40)).toBe(status);
      expect(await response.text()).not.toContain('secret');
    }
  });

  it('says what is wrong, with its code', async () => {
    for (const [code, status] of [
      ['conflict', 409],
      ['edge_unreachable', 502],
      ['clock_wrong', 503],
      ['rate_limited', 429],
    ] as const) {
      const start = () => Promise.reject(new PryxError(code, 'What.', { hint: 'Do.' }));
      const app = appOn('socket', { pairing: { start, state: () => waiting, giveUp: () => waiting } });
      const response = await begin(app, '{}');
      expect([response.status, await response.json()]).toEqual([
        status,
        { error: { code, message: 'What.', hint: 'Do.' } },
      ]);
    }
  });
});

describe('the devices of the owner, on the socket', () => {
  it('are listed, renamed and revoked by their id', async () => {
    const done: string[][] = [];
    const app = appOn('socket', {
      devices: () => ({
        devices: () => Promise.resolve({ devices: [] }),
        renameDevice: async (id, name) => void done.push(['rename', id, name]),
        revokeDevice: async (id) => void done.push(['revoke', id]),
      }),
    });
    expect(await (await app.request('/devices')).json()).toEqual({ devices: [] });
    const path = `/devices/${deviceId}`;
    const renamed = await app.request(path, { method: 'PATCH', body: '{"name":" Kitchen\\u202e Pi "}' });
    expect([renamed.status, await renamed.json()]).toEqual([200, { device_id: deviceId, name: 'Kitchen Pi' }]);
    const revoked = await app.request(path, { method: 'DELETE' });
    expect([revoked.status, await revoked.json()]).toEqual([200, { device_id: deviceId, state: 'revoked' }]);
    expect(done).toEqual([
      ['rename', deviceId, 'Kitchen Pi'],
      ['revoke', deviceId],
    ]);
  });

  it('are asked of the edge with nothing that is no id and no name', async () => {
    const refuse = () => Promise.reject(new Error('the edge was asked'));
    const app = appOn('socket', { devices: () => ({ devices: refuse, renameDevice: refuse, revokeDevice: refuse }) });
    for (const id of ['x', `${deviceId}B`, '..%2f..%2flink', `${'A'.repeat(42)}%20`])
      expect((await app.request(`/devices/${id}`, { method: 'DELETE' })).status, id).toBe(404);
    for (const body of ['{}', '{"name":""}', '{"name":"\\u0007"}', '{"name":"a","x":1}'])
      expect((await app.request(`/devices/${deviceId}`, { method: 'PATCH', body })).status, body).toBe(400);
  });

  it('are not there when nothing is paired', async () => {
    const app = appOn('socket', {
      devices: () => {
        throw new PryxError('not_paired', 'Not paired.', { hint: '`pryx pair`' });
      },
    });
    const response = await app.request('/devices');
    expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'not_paired' } }]);
  });
});

describe('what was said, on the socket', () => {
  it('is listed, and read by its number', async () => {
    const asked: number[] = [];
    const app = appOn('socket', {
      conversations: () => ({
        list: () => ({ conversations: [anna], more: false }),
        read(id) {
          asked.push(id);
          return id === 7 ? { conversation: anna, messages: [] } : undefined;
        },
      }),
    });
    expect(await (await app.request('/conversations')).json()).toEqual({ conversations: [anna], more: false });
    expect(await (await app.request('/conversations/7')).json()).toEqual({ conversation: anna, messages: [] });
    const missing = await app.request('/conversations/8');
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: { code: 'not_found' } }]);
    expect(asked).toEqual([7, 8]);
  });

  it('is not looked for under what is no number, and that is not repeated', async () => {
    const app = appOn('socket', {
      conversations: () => ({
        list: () => ({ conversations: [], more: false }),
        read: () => {
          throw new Error('it was looked for');
        },
      }),
    });
    for (const id of [
      '0',
      '-1',
      '01',
      '1.0',
      '1e3',
      '0x1',
      '%201',
      '1%00',
      "1'--evil",
      '9007199254740993',
      '..%2fevil',
      'NaN',
    ]) {
      const response = await app.request(`/conversations/${id}`);
      expect(response.status, id).toBe(404);
      expect(await response.text()).not.toContain('evil');
    }
  });

  it('can be read and nothing else', async () => {
    const app = appOn('socket');
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      for (const path of ['/conversations', '/conversations/1', '/settings'])
        expect((await app.request(path, { method })).status, `${method} ${path}`).toBe(404);
  });
});
