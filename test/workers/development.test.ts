/** `pryx edge dev`: the built Worker in workerd, as `npm start` runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSoftwareOwner } from '../../local-agent/cli/dev/owner.ts';
import { generateEdgeKeys } from '../../local-agent/cli/edge/generate-keys.ts';
import { runEdge } from '../../local-agent/cli/edge/run.ts';
import { type EdgeOptions, type RunningEdge, startEdge } from '../../local-agent/cli/edge/workerd.ts';
import { edgeKeys } from '../../shared/api/edge.ts';
import { bundleWorker } from './support/bundle-worker.ts';
import { type TestDevice, createTestDevice } from './support/device.ts';
import { postUpdate, setupCode, textUpdate } from './support/edge.ts';

let built: Awaited<ReturnType<typeof bundleWorker>>;
let options: EdgeOptions;

beforeAll(async () => {
  built = await bundleWorker();
  options = {
    bundle: built.bundle,
    host: '127.0.0.1',
    port: 0,
    storage: join(built.folder, 'storage'),
    keys: await generateEdgeKeys(),
    setupCode,
  };
});
afterAll(() => built.remove());

/** A device of an edge that nobody has claimed yet. */
const firstDevice = (edge: string): Promise<TestDevice> =>
  createTestDevice(edge, createSoftwareOwner({ edge, setupCode }));
const elsewhere = (name: string): EdgeOptions => ({ ...options, storage: join(built.folder, name) });
/** A process that has ended but that nobody has asked after is not alive. */
const alive = (pid: number) => {
  try {
    if (existsSync('/proc/self/stat')) return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const portOf = (url: string) => Number(new URL(url).port);

describe('an edge on this machine', () => {
  let edge: RunningEdge;
  let device: TestDevice;
  let hook: string;
  beforeAll(async () => {
    edge = await startEdge(options);
    device = await firstDevice(edge.url);
    hook = await device.hook();
  });
  afterAll(() => edge.stop());

  test('is ready, and takes a message to a device', async () => {
    expect((await fetch(`${edge.url}/readyz`)).status).toBe(200);
    const link = await device.link();
    await postUpdate(hook, textUpdate(1, 'through workerd'));
    const frame = await link.nextFrame();
    expect((await device.take(frame)).body).toContain('through workerd');
    link.send({ type: 'ack', seq: frame.seq });
    link.close();
  });

  test('answers without waiting for a body that it refuses', async () => {
    const body = JSON.stringify(textUpdate(2));
    const json = 'content-type: application/json';
    const secret = 'x-telegram-bot-api-secret-token: a-secret-of-the-bot';
    expect(await rawRequest(hook, ['content-length: 99999999', json, secret], body)).toContain(' 413 ');
    expect(
      await rawRequest(hook, ['content-length: 5000', json, 'x-telegram-bot-api-secret-token: no'], body),
    ).toContain(' 401 ');
    expect(await rawRequest(hook, ['transfer-encoding: chunked', json], '5\r\n{"upd\r\n')).toContain(' 401 ');
  });

  test('stores nothing of a body that is shorter or longer than announced', async () => {
    const body = JSON.stringify(textUpdate(3));
    const headers = ['content-type: application/json', 'x-telegram-bot-api-secret-token: a-secret-of-the-bot'];
    expect(await rawRequest(hook, [`content-length: ${body.length - 1}`, ...headers], body)).toContain(' 400 ');
    expect(await rawRequest(hook, [`content-length: ${body.length + 9}`, ...headers], body, 'hang up')).toContain(
      ' 400 ',
    );
    const status = (await (await device.request('GET', '/device')).json()) as { queued: object };
    expect(status.queued).toEqual({ jobs: 0, bytes: 0 });
  });

  test('does not take a second one over the same storage', async () => {
    await expect(startEdge(options)).rejects.toMatchObject({ code: 'conflict', hint: expect.any(String) });
    expect((await fetch(`${edge.url}/readyz`)).status).toBe(200);
  });

  test('says which port is taken', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(startEdge({ ...elsewhere('taken'), port })).rejects.toMatchObject({ code: 'port_in_use' });
    server.close();
  });
});

describe('an edge that ends', () => {
  test('by workerd dying returns 1, and what it stored is there at the next start', async () => {
    const own = elsewhere('died');
    const ready = Promise.withResolvers<{ url: string; pid: number }>();
    const code = runEdge({ ...own, onReady: ready.resolve, stopping: new AbortController().signal });
    const { url, pid } = await ready.promise;
    const device = await firstDevice(url);
    const hook = await device.hook();
    await postUpdate(hook, textUpdate(1, 'before the end'));
    process.kill(pid, 'SIGKILL');
    expect(await code).toBe(1);

    const again = await startEdge({ ...own, port: portOf(url) });
    try {
      await postUpdate(hook, textUpdate(2, 'after it'));
      const link = await device.link();
      expect((await device.take(await link.nextFrame())).body).toContain('before the end');
      expect((await device.take(await link.nextFrame())).body).toContain('after it');
      link.close();
    } finally {
      await again.stop();
    }
  });

  test('by request returns 0 and leaves no process', async () => {
    const stop = new AbortController();
    const ready = Promise.withResolvers<{ url: string; pid: number }>();
    const code = runEdge({ ...elsewhere('stopped'), onReady: ready.resolve, stopping: stop.signal });
    const { pid } = await ready.promise;
    stop.abort();
    expect(await code).toBe(0);
    expect(alive(pid)).toBe(false);
  });

  test('by SIGTERM exits 0 and leaves no process', async () => {
    const { child, edge } = await spawnEdge(elsewhere('signalled'));
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(alive(edge.pid)).toBe(false);
  });

  test('by being killed leaves a workerd behind, which the next start ends', async () => {
    const own = elsewhere('killed');
    const { child, edge } = await spawnEdge(own);
    const device = await firstDevice(edge.url);
    const hook = await device.hook();
    await postUpdate(hook, textUpdate(1, 'kept'));
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    expect(alive(edge.pid)).toBe(true);
    const again = await startEdge({ ...own, port: portOf(edge.url) });
    try {
      expect(alive(edge.pid)).toBe(false);
      const link = await device.link();
      expect((await device.take(await link.nextFrame())).body).toContain('kept');
      link.close();
    } finally {
      await again.stop();
    }
    await expect(readFile(join(own.storage, 'workerd.pid'))).rejects.toThrow('ENOENT');
  });
});

test('new keys are of the form that the edge reads, and never the same', async () => {
  const [one, other] = [await generateEdgeKeys(), await generateEdgeKeys()];
  expect(edgeKeys.safeParse(one).success).toBe(true);
  expect(one.hook).not.toBe(other.hook);
  expect(one.signing[0]?.d).not.toBe(other.signing[0]?.d);
  expect(JSON.stringify(one)).not.toContain('\n');
});

async function spawnEdge(own: EdgeOptions): Promise<{ child: ChildProcess; edge: { url: string; pid: number } }> {
  const script = fileURLToPath(new URL('support/run-edge.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(own)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, edge: JSON.parse(line) as { url: string; pid: number } };
}

/** Writes a request by hand and resolves with the first of what comes back. */
function rawRequest(url: string, headers: string[], body: string, then?: 'hang up'): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => {
      const head = [`POST ${pathname} HTTP/1.1`, `host: ${hostname}:${port}`, ...headers].join('\r\n');
      socket.write(`${head}\r\n\r\n${body}`, () => then === 'hang up' && socket.end());
    });
    socket.on('data', (data) => {
      answer += String(data);
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}
