/** Webhook POST → job durable on the device, against the bare floor of the same durability, in turns within one run. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { createInbox } from '../../local-agent/channels/inbox.ts';
import { render, placeholder, plain } from '../../local-agent/channels/telegram/render.ts';
import { createReader } from '../../local-agent/channels/telegram/read.ts';
import { createSoftwareOwner } from '../../local-agent/cli/dev/owner.ts';
import { generateEdgeKeys } from '../../local-agent/cli/edge/generate-keys.ts';
import { startEdge } from '../../local-agent/cli/edge/workerd.ts';
import type { Channel } from '../../local-agent/core/channel.ts';
import { createSystemClock, systemRandom } from '../../local-agent/daemon/system.ts';
import { requestEdge } from '../../local-agent/edge-link/request.ts';
import { openWebSocket } from '../../local-agent/edge-link/ws-socket.ts';
import { joinEdge } from '../../local-agent/join-edge.ts';
import { openDatabase } from '../../local-agent/store/database.ts';
import { createKeptLog } from '../support/quiet-log.ts';
import { setupCode } from '../workers/support/edge.ts';
import { pairDatabase } from '../workers/support/pair-database.ts';
import { type Approver, oneAtATime } from '../workers/support/pair-device.ts';
import { type Row, now, percentile, row } from './measure.ts';

interface Device {
  /** Posts one update and resolves to the milliseconds until it was durable on the device. */
  relay(): Promise<number>;
  close(): Promise<void>;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });
const secret = 'a'.repeat(43);
let lastUpdate = 1;

export async function benchRelay({ short }: { short: boolean }): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pryx-bench-'));
  const common = { host: '127.0.0.1', port: 0, keys: await generateEdgeKeys(), setupCode };
  const pryxEdge = await startEdge({ ...common, bundle: 'dist/worker.js', storage: join(folder, 'edge') });
  const floorEdge = await startEdge({
    ...common,
    bundle: 'test/bench/floor-worker.js',
    storage: join(folder, 'floor'),
  });
  const owner = oneAtATime(createSoftwareOwner({ edge: pryxEdge.url, setupCode }));
  try {
    const rows: Row[] = [];
    for (const devices of [1, 50]) {
      const pryx = await Promise.all(
        Array.from({ length: devices }, (_, index) =>
          pryxDevice(pryxEdge.url, owner, join(folder, `pryx-${devices}-${index}`)),
        ),
      );
      const floor = await Promise.all(
        Array.from({ length: devices }, (_, index) =>
          floorDevice(floorEdge.url, join(folder, `floor-${devices}-${index}`)),
        ),
      );
      rows.push(...(await compare(pryx, floor, `${devices} device${devices > 1 ? 's' : ''}`, short)));
      await Promise.all([...pryx, ...floor].map((device) => device.close()));
    }
    return rows;
  } finally {
    await Promise.all([pryxEdge.stop(), floorEdge.stop()]);
    agent.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(pryx: Device[], floor: Device[], label: string, short: boolean): Promise<Row[]> {
  const rounds = short ? 3 : 8;
  const latencies: Record<'pryx' | 'floor', number[]> = { pryx: [], floor: [] };
  const rates: Record<'pryx' | 'floor', number[]> = { pryx: [], floor: [] };
  for (const devices of [pryx, floor]) await load(devices, short ? 200 : 1_000);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, devices] of [
      ['pryx', pryx],
      ['floor', floor],
    ] as const) {
      latencies[name].push(...(await oneByOne(devices, short ? 60 : 250)));
      rates[name].push(await load(devices, short ? 300 : 1_500));
    }
  }
  const ratio = (share: number): number => percentile(latencies.pryx, share) / percentile(latencies.floor, share);
  const rate = (name: 'pryx' | 'floor'): number => percentile(rates[name], 0.5);
  return [
    row(`relay, ${label}: p50`, percentile(latencies.pryx, 0.5), 'ms'),
    row(`relay, ${label}: p50 of the floor`, percentile(latencies.floor, 0.5), 'ms'),
    row(`relay, ${label}: p50 against the floor`, ratio(0.5), '×', 1.5),
    row(`relay, ${label}: p95`, percentile(latencies.pryx, 0.95), 'ms'),
    row(`relay, ${label}: p95 of the floor`, percentile(latencies.floor, 0.95), 'ms'),
    row(`relay, ${label}: p95 against the floor`, ratio(0.95), '×', 2),
    row(`relay, ${label}: throughput`, rate('pryx'), '/s', null, 'higher'),
    row(`relay, ${label}: throughput of the floor`, rate('floor'), '/s', null, 'higher'),
    row(`relay, ${label}: throughput against the floor`, (100 * rate('pryx')) / rate('floor'), '%', 70, 'higher'),
  ];
}

async function oneByOne(devices: Device[], count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1)
    times.push((await devices[index % devices.length]?.relay()) ?? Number.NaN);
  return times;
}

/** Jobs a second with 64 under way. */
async function load(devices: Device[], count: number): Promise<number> {
  const start = now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (next < count) await devices[next++ % devices.length]?.relay();
    }),
  );
  return (count * 1_000) / (now() - start);
}

/** Posts at once; whoever makes the job durable calls `durable`. */
function createRelay(url: string, headers: Record<string, string>) {
  const waiting = new Map<number, (at: number) => void>();
  return {
    durable(id: number): void {
      waiting.get(id)?.(now());
      waiting.delete(id);
    },
    async relay(): Promise<number> {
      const id = lastUpdate++;
      const chat = { id: 1_000, type: 'private', first_name: 'Ada' };
      const from = { id: 1_000, is_bot: false, first_name: 'Ada', language_code: 'en' };
      const body = JSON.stringify({
        update_id: id,
        message: { message_id: id, from, chat, date: 1_790_000_000, text: 'x'.repeat(300) },
      });
      const durable = new Promise<number>((resolve) => waiting.set(id, resolve));
      const start = now();
      await post(url, headers, body);
      return (await durable) - start;
    },
  };
}

function post(url: string, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    });
    request.on('error', reject).on('response', (response) => {
      response.resume();
      if (response.statusCode === 200) response.on('end', resolve);
      else reject(new Error(`The edge answered ${response.statusCode}.`));
    });
    request.end(body);
  });
}

/** The real link, verification and inbox over a real file; only nobody acts on what arrives. */
async function pryxDevice(origin: string, owner: Approver, home: string): Promise<Device> {
  const database = openDatabase({ path: join(home, 'pryx.db') });
  const clock = createSystemClock();
  const log = createKeptLog();
  const reader = createReader({ botId: '1', username: () => 'bench_bot' });
  const channel = {
    name: 'telegram',
    read: reader.read,
    jobId: reader.jobId,
    render,
    plain,
    placeholder,
  } as unknown as Channel;
  const inbox = createInbox({
    db: database.db,
    channels: new Map([['telegram', channel]]),
    handle: () => new Promise(() => undefined),
    clock,
    log,
  });
  let hook: ReturnType<typeof createRelay> | undefined;
  await pairDatabase(database.db, origin, owner);
  const link = await joinEdge({
    db: database.db,
    clock,
    random: systemRandom,
    log,
    openSocket: openWebSocket,
    request: requestEdge,
    origin,
    reload: () => undefined,
    accept(jobs, from) {
      const accepted = inbox.accept(jobs, from);
      for (const job of jobs) hook?.durable(Number(job.id.split(':')[2]));
      return accepted;
    },
  });
  link.start();
  const secretSha256 = createHash('sha256').update(secret).digest('base64url');
  const url = await link.registerHook({ bot: '1', secretSha256, answeredUsers: [1_000] });
  hook = createRelay(url, { 'x-telegram-bot-api-secret-token': secret });
  while (link.state().state !== 'up') await clock.sleep(5);
  return {
    relay: hook.relay,
    async close() {
      await link.stop();
      database.close();
    },
  };
}

async function floorDevice(origin: string, home: string): Promise<Device> {
  const { db, close } = openDatabase({ path: join(home, 'floor.db') });
  const client = db.$client;
  client.exec('create table job (seq integer primary key, body text not null) strict');
  const insert = client.prepare('insert into job (seq, body) values (?, ?)');
  const name = home.split('/').at(-1) ?? '';
  const relay = createRelay(`${origin}/${name}`, {});
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/${name}`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('message', (data) => {
    const text = data.toString();
    const space = text.indexOf(' ');
    const body = text.slice(space + 1);
    insert.run(Number(text.slice(0, space)), body);
    socket.send(text.slice(0, space));
    relay.durable((JSON.parse(body) as { update_id: number }).update_id);
  });
  return {
    relay: relay.relay,
    async close() {
      socket.terminate();
      close();
    },
  };
}
