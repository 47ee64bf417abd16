/** The whole line as it runs for people, each part a process of its own that can be killed: edge, daemon, and the stand-in of Telegram. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { askDaemon } from '../../local-agent/cli/ask-daemon.ts';
import { pairingFailure, readPairing, startPairing } from '../../local-agent/cli/ask-pairing.ts';
import { type SoftwareOwner, createSoftwareOwner } from '../../local-agent/cli/dev/owner.ts';
import { readSetupCode } from '../../local-agent/cli/edge/own-secrets.ts';
import { type CliHome, findHome } from '../../local-agent/cli/home.ts';
import type { StartPairingRequest } from '../../shared/api/pairing.ts';
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
  /** The owner, in Telegram. */
  user: number;
  /** The owner, at the edge's pages. */
  owner(): SoftwareOwner;
  /** Origin of the edge, as the daemon knows it. */
  edgeOrigin(): string;
  env: NodeJS.ProcessEnv;
  startEdge(): Promise<void>;
  /** SIGKILL to workerd itself. */
  killEdge(): Promise<void>;
  /** With `crash`, as test/support/crash-at-write.ts says. The first one is paired, unless `pair` is false. */
  startDaemon(options?: { crash?: string; env?: NodeJS.ProcessEnv; pair?: boolean }): Promise<void>;
  killDaemon(signal?: NodeJS.Signals): Promise<void>;
  daemon(): ChildProcess | undefined;
  /** Resolves when the daemon is gone, however it went. */
  daemonGone(): Promise<void>;
  status(): Promise<StatusResponse>;
  /** Until link and channels are up. */
  connected(): Promise<StatusResponse>;
  /** Until it is connected, and has answered a greeting. */
  greeted(): Promise<void>;
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
  const setupCode = await readSetupCode(join(folder, 'edge'), {});
  let edge: { child: ChildProcess; workerd: number; gone: Promise<void> } | undefined;
  let edgePort = 0;
  let daemon: { child: ChildProcess; gone: Promise<void> } | undefined;
  let paired = false;
  let owner: SoftwareOwner | undefined;
  const proxy = await createTcpProxy(() => edgePort);
  const edgeOrigin = (): string => `http://127.0.0.1:${options.direct === true ? edgePort : proxy.port}`;
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    PRYX_PORT: '0',
    PRYX_EDGE_URL: `http://127.0.0.1:${proxy.port}`,
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
    owner: () => (owner ??= createSoftwareOwner({ edge: edgeOrigin(), setupCode })),
    edgeOrigin,
    async startEdge() {
      const child = spawn(
        process.execPath,
        [pryx, 'edge', 'dev', '--json', '--home', folder, '--port', String(edgePort)],
        {
          env: { PATH: process.env.PATH },
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
    async startDaemon({ crash, env: more, pair = true } = {}) {
      const preload = crash === undefined ? [] : ['--import', crashAtWrite];
      const child = spawn(process.execPath, [...preload, pryx, 'daemon', '--home', folder], {
        env: {
          ...env,
          PRYX_EDGE_URL: edgeOrigin(),
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
      if (pair && !paired) await pairDevice(home, line.owner(), { edge: edgeOrigin() });
      paired ||= pair;
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
    async greeted() {
      await line.connected();
      telegram.say(user, 'hello');
      await telegram.waitForMessage(user, ({ text }) => /Hello/.test(text));
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

/** By hand, as it were: the device shows its code, the owner approves. No error when it is paired already. */
export async function pairDevice(
  home: CliHome,
  owner: SoftwareOwner,
  request: StartPairingRequest = {},
): Promise<void> {
  const pairing = await startPairing(home, request);
  if (pairing.state === 'waiting') await owner.approve({ userCode: pairing.user_code });
  await until(async () => {
    const now = await readPairing(home);
    if (now.state === 'failed') throw pairingFailure(now);
    return now.state === 'paired';
  });
}

const exitOf = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

/** Looks every few milliseconds; the test's own time limit ends it. */
export async function until(good: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await good())) await sleep(10);
}
