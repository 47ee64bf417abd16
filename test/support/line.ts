/** The whole line as it runs for people, each part a process of its own that can be killed: edge, daemon, and the stand-in of Telegram. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { askDaemon } from '../../local-agent/cli/ask-daemon.ts';
import { generateEdgeKeys } from '../../local-agent/cli/edge/generate-keys.ts';
import { type CliHome, findHome } from '../../local-agent/cli/home.ts';
import { type StatusResponse, statusResponse } from '../../shared/api/status.ts';
import { type TcpProxy, createTcpProxy } from './tcp-proxy.ts';
import { createTelegramServer } from './telegram/server.ts';
import type { SeenMessage, TelegramServer, TelegramServerOptions } from './telegram/types.ts';

const pryx = new URL('../../dist/pryx.js', import.meta.url).pathname;
const crashAtWrite = new URL('./crash-at-write.ts', import.meta.url).href;

export interface Line {
  home: CliHome;
  telegram: TelegramServer;
  /** Between the daemon and the edge, and between Telegram and the edge. */
  proxy: TcpProxy;
  /** The owner. */
  user: number;
  env: NodeJS.ProcessEnv;
  startEdge(): Promise<void>;
  /** SIGKILL to workerd itself. */
  killEdge(): Promise<void>;
  /** With `crash`, as test/support/crash-at-write.ts says. */
  startDaemon(options?: { crash?: string; env?: NodeJS.ProcessEnv }): Promise<void>;
  killDaemon(signal?: NodeJS.Signals): Promise<void>;
  daemon(): ChildProcess | undefined;
  /** Resolves when the daemon is gone, however it went. */
  daemonGone(): Promise<void>;
  status(): Promise<StatusResponse>;
  /** Until link and channels are up. */
  connected(): Promise<StatusResponse>;
  /** What Pryx said in this chat that is not a placeholder, oldest first. */
  answers(chat?: number): SeenMessage[];
  /** Waits until the daemon has nothing left to do. */
  idle(): Promise<void>;
  /** Everything that is durable on the device. */
  rows(query: string): unknown[];
  close(): Promise<void>;
}

export async function createLine(
  options: { telegram?: TelegramServerOptions; env?: NodeJS.ProcessEnv; direct?: boolean } = {},
): Promise<Line> {
  const folder = mkdtempSync(join(tmpdir(), 'pryx-'));
  const home = findHome(folder, {});
  const telegram = await createTelegramServer({
    webhook: { retryBaseMs: 20, retryCapMs: 200, answerTimeoutMs: 5_000 },
    ...options.telegram,
  });
  const user = telegram.createUser({ firstName: 'Ada' }).id;
  const keys = JSON.stringify(await generateEdgeKeys());
  const token = randomBytes(32).toString('base64url');
  let edge: { child: ChildProcess; workerd: number; gone: Promise<void> } | undefined;
  let edgePort = 0;
  let daemon: { child: ChildProcess; gone: Promise<void> } | undefined;
  const proxy = await createTcpProxy(() => edgePort);
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    PRYX_PORT: '0',
    PRYX_EDGE_URL: `http://127.0.0.1:${proxy.port}`,
    PRYX_DEVELOPMENT_TOKEN: token,
    PRYX_LOCAL_MODELS: 'off',
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.origin,
    TELEGRAM_OWNER_ID: String(user),
    ...options.env,
  };

  const line: Line = {
    home,
    telegram,
    proxy,
    user,
    env,
    async startEdge() {
      const child = spawn(
        process.execPath,
        [pryx, 'edge', 'dev', '--json', '--home', folder, '--port', String(edgePort)],
        {
          env: { PATH: process.env.PATH, PRYX_EDGE_KEYS: keys, PRYX_DEVELOPMENT_TOKEN: token },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const [first] = (await Promise.race([
        createInterface({ input: child.stdout })
          [Symbol.asyncIterator]()
          .next()
          .then(({ value }) => [String(value)]),
        exitOf(child).then(() => []),
      ])) as [string?];
      if (first === undefined) throw new Error('The edge did not start.');
      const { url, pid } = JSON.parse(first) as { url: string; pid: number };
      edgePort = Number(new URL(url).port);
      edge = { child, workerd: pid, gone: exitOf(child) };
    },
    async killEdge() {
      if (edge === undefined) return;
      process.kill(edge.workerd, 'SIGKILL');
      await edge.gone;
      edge = undefined;
    },
    async startDaemon({ crash, env: more } = {}) {
      const preload = crash === undefined ? [] : ['--import', crashAtWrite];
      const child = spawn(process.execPath, [...preload, pryx, 'daemon', '--home', folder], {
        env: {
          ...env,
          ...(options.direct === true ? { PRYX_EDGE_URL: `http://127.0.0.1:${edgePort}` } : {}),
          ...more,
          ...(crash === undefined ? {} : { PRYX_TEST_CRASH: crash }),
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      daemon = { child, gone: exitOf(child) };
      await until(async () => {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error('The daemon did not start.');
        const status = await line.status().catch(() => undefined);
        return status !== undefined && status.daemon.pid === child.pid && status.daemon.state !== 'starting';
      });
    },
    async killDaemon(signal = 'SIGKILL') {
      daemon?.child.kill(signal);
      await daemon?.gone;
    },
    daemon: () => daemon?.child,
    daemonGone: async () => daemon?.gone,
    status: async () => statusResponse.parse(await askDaemon(home, { path: '/status' })),
    async connected() {
      await until(async () => {
        const status = await line.status().catch(() => undefined);
        return status?.link.state === 'up' && status.channels.every(({ state }) => state === 'up');
      });
      return line.status();
    },
    answers: (chat = user) =>
      telegram.messages(chat).filter(({ fromBot, deleted, text }) => fromBot && !deleted && text !== '…'),
    async idle() {
      await until(async () => {
        const { queue } = await line.status().catch(() => ({ queue: { inbox: 1, turns: 0, outbox: 0 } }));
        return queue.inbox === 0 && queue.turns === 0 && queue.outbox === 0;
      });
    },
    rows(query) {
      const db = new Sqlite(join(folder, 'pryx.db'), { readonly: true });
      try {
        return db.prepare(query).all();
      } finally {
        db.close();
      }
    },
    async close() {
      await line.killDaemon('SIGTERM');
      edge?.child.kill('SIGTERM');
      await edge?.gone;
      await proxy.close();
      await telegram.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return line;
}

const exitOf = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

/** Looks every few milliseconds; the test's own time limit ends it. */
export async function until(good: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await good())) await sleep(10);
}
