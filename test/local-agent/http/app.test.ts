import { describe, expect, it } from 'vitest';
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

const appOn = (surface: 'tcp' | 'socket', deps: Partial<AppDeps> = {}) =>
  createApp({
    surface,
    log: quiet,
    health: () => ok,
    status: () => Promise.resolve(status),
    trace: (job) => ({ job, state: 'unknown', hops: [] }),
    claimUrl: () => null,
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
