/** The edge on this machine: the Worker's bundle in workerd, started by Miniflare with nothing else around it. */
import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdir, readFile } from 'node:fs/promises';
import type { MiniflareOptions } from 'miniflare';
import type { EdgeKeys } from '../../../shared/api/edge.ts';
import { PryxError } from '../../../shared/error.ts';
import { endOrphan, forgetWorkerd, rememberWorkerd } from './orphan.ts';

export interface EdgeOptions {
  /** Path of the Worker, bundled into one ES module. */
  bundle: string;
  /** A loopback address. */
  host: string;
  /** 0: any free one. */
  port: number;
  /** Folder of the Durable Objects' SQLite files; made when it is not there. */
  storage: string;
  keys: EdgeKeys;
  /** Claims the edge while it has no owner. */
  setupCode: string;
  /** What workerd writes: errors of the edge. */
  log?(line: string): void;
}

export interface RunningEdge {
  /** Its origin. */
  url: string;
  /** Of workerd, for those who want to kill it. */
  pid: number;
  /** Resolves when workerd has ended: `stopped` when `stop` was called, `died` otherwise. */
  ended: Promise<'stopped' | 'died'>;
  stop(): Promise<void>;
}

const name = 'pryx-edge';
const module = 'worker.js';

/** Throws `unavailable` without miniflare, `port_in_use`, `conflict` when another edge runs over `storage`. */
export async function startEdge(options: EdgeOptions): Promise<RunningEdge> {
  const { Miniflare } = await importMiniflare();
  await mkdir(options.storage, { recursive: true, mode: 0o700 });
  await endOrphan(options.storage);
  const settings = configure(options, await readFile(options.bundle, 'utf8'));
  const workerd = watchForChild();
  const miniflare = withoutSignalHandlers(() => new Miniflare(settings));
  let disposed: Promise<void> | undefined;
  // Twice would throw.
  const dispose = () => (disposed ??= miniflare.dispose());
  try {
    const url = (await miniflare.unsafeGetDirectURL()).origin;
    const child = workerd.found();
    const { pid } = child;
    if (pid === undefined) throw new PryxError('internal', 'workerd has no process id.');
    await rememberWorkerd(options.storage, { pid, parent: process.pid });
    let stopping = false;
    const ended = new Promise<'stopped' | 'died'>((resolve) => {
      child.once('exit', () => resolve(stopping ? 'stopped' : 'died'));
    }).then(async (how) => {
      // Miniflare would start another one by itself; whoever supervises us does that, and knows of it.
      await dispose();
      await forgetWorkerd(options.storage);
      return how;
    });
    return {
      url,
      pid,
      ended,
      async stop() {
        stopping = true;
        await dispose();
        await ended;
      },
    };
  } catch (error) {
    await dispose().catch(() => undefined);
    throw explain(error, options);
  } finally {
    workerd.stop();
  }
}

async function importMiniflare(): Promise<typeof import('miniflare')> {
  try {
    return await import('miniflare');
  } catch (cause) {
    throw new PryxError('unavailable', 'miniflare, which runs the edge on this machine, is not installed.', {
      hint: 'Install it with `npm install --save-dev miniflare`, or pair with a deployed edge instead (docs/deploy.md).',
      cause,
    });
  }
}

/**
 * No inspector, no explorer, no registry, no cache, no `cf` object fetched from outside; and requests go straight to the Worker's own
 * socket instead of through Miniflare's entry Worker, which costs a quarter of the throughput.
 */
function configure(options: EdgeOptions, contents: string): MiniflareOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    cf: false,
    logRequests: false,
    enableDevRegistry: false,
    telemetry: { enabled: false },
    resourcePersistencePath: options.storage,
    handleStructuredLogs: ({ message }) => options.log?.(message),
    workers: [
      {
        config: {
          name,
          compatibilityDate: '2026-11-01',
          manifest: { mainModule: module, modules: { [module]: { type: 'esm', contents } } },
          exports: {
            Mailbox: { type: 'durable-object', storage: 'sqlite' },
            Desk: { type: 'durable-object', storage: 'sqlite' },
            Account: { type: 'durable-object', storage: 'sqlite' },
          },
          env: {
            MAILBOX: { type: 'durable-object', worker: name, exportName: 'Mailbox' },
            DESK: { type: 'durable-object', worker: name, exportName: 'Desk' },
            ACCOUNT: { type: 'durable-object', worker: name, exportName: 'Account' },
            PRYX_EDGE_KEYS: { type: 'text', value: JSON.stringify(options.keys) },
            PRYX_SETUP_CODE: { type: 'text', value: options.setupCode },
            // No HOOK_LIMIT: Miniflare's limiter is an object that writes to disk, which costs more than the whole rest of a webhook.
            PUBLIC_LIMIT: { type: 'rate-limit', namespace: '7102', simple: { limit: 6000, period: 60 } },
            PAIRING_LIMIT: { type: 'rate-limit', namespace: '7103', simple: { limit: 600, period: 60 } },
          },
        },
        dev: {
          cacheAPI: false,
          unsafeRegisterWorker: false,
          unsafeDirectSockets: [{ host: options.host, port: options.port, proxy: false }],
        },
      },
    ],
  };
}

/** On a signal Miniflare would end this process at once, with a code of its own; here whoever called decides. */
function withoutSignalHandlers<T>(make: () => T): T {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const made = make();
  for (const [index, signal] of signals.entries())
    for (const listener of process.listeners(signal)) if (!before[index]?.has(listener)) process.off(signal, listener);
  return made;
}

/** Miniflare keeps its child to itself; Node tells of every one that is spawned (diagnostics channel `child_process`). */
function watchForChild(): { found(): ChildProcess; stop(): void } {
  let child: ChildProcess | undefined;
  const listen = (message: unknown) => {
    if (message instanceof Object && 'process' in message && message.process instanceof ChildProcess)
      child = message.process;
  };
  subscribe('child_process', listen);
  return {
    found() {
      if (child === undefined) throw new PryxError('internal', 'Miniflare started no workerd.');
      return child;
    },
    stop: () => void unsubscribe('child_process', listen),
  };
}

function explain(error: unknown, { host, port }: EdgeOptions): unknown {
  const inUse = error instanceof Error && /address (is )?already in use/i.test(error.message);
  if (!inUse) return error;
  return new PryxError('port_in_use', `Something else listens on ${host}:${port}.`, {
    hint: 'Stop it, or choose another port.',
    cause: error,
  });
}
