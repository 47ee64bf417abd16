/** `pryx start`: starts the daemon in the background and waits until it serves, or says why it does not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PryxError } from '../../../shared/error.ts';
import { notRunning, readError } from '../ask-daemon.ts';
import type { CliHome } from '../home.ts';
import type { CommandContext } from '../context.ts';
import { readStatusIfRunning } from '../read-status.ts';

export interface StartOptions {
  polling?: boolean;
}

/** A migration of a large database may take a while. */
const readyWithinMs = 60_000;

export async function start(context: CommandContext, options: StartOptions): Promise<number> {
  const { output } = context;
  const { pid, port, already } = await ensureRunning(context, options);
  const words = already ? `Pryx is already running (process ${pid}).` : `Pryx is running (process ${pid}).`;
  output.result({ state: 'ready', pid, port, already }, `${output.style('green', '●')} ${words}`);
  return 0;
}

export interface Running {
  pid: number;
  port: number | null;
  /** It was not this call that started it. */
  already: boolean;
}

/** Starts the daemon unless it runs, and waits until it serves. Throws what keeps it from starting. */
export async function ensureRunning({ home, output }: CommandContext, options: StartOptions): Promise<Running> {
  const before = await readStatusIfRunning(home);
  if (before !== undefined) return { pid: before.daemon.pid, port: before.daemon.port, already: true };
  try {
    const { pid, port, setAside } = await startDaemon(home, options);
    if (setAside !== null)
      output.say(
        `${output.styleRemark('yellow', 'The database was damaged.')} It is kept as ${setAside}; see pryx logs.`,
      );
    return { pid, port, already: false };
  } catch (error) {
    if (!(error instanceof PryxError && error.code === 'daemon_already_running')) throw error;
    // Somebody else started it at the same moment.
    const { daemon } = await waitUntilRunning(home);
    return { pid: daemon.pid, port: daemon.port, already: true };
  }
}

interface Ready {
  pid: number;
  port: number | null;
  setAside: string | null;
}

async function startDaemon(home: CliHome, options: StartOptions): Promise<Ready> {
  const child = spawnDaemon(home, options);
  const late = new AbortController();
  try {
    const word = await Promise.race([
      listen(child),
      sleep(readyWithinMs, undefined, { signal: late.signal }).then(() => {
        child.kill('SIGTERM');
        throw new PryxError('unavailable', 'The daemon was not ready within a minute.', {
          hint: 'See what it does with `pryx logs`.',
        });
      }),
    ]);
    return readWord(word);
  } finally {
    late.abort();
    child.unref();
  }
}

/** Its own session, so that it outlives this terminal; what Node itself has to say goes to the log; file 3 is where it says that it serves. */
function spawnDaemon(home: CliHome, { polling }: StartOptions): ChildProcess {
  const log = openLog(home);
  try {
    return spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'daemon', '--home', home.folder], {
      cwd: home.folder,
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
      env: { ...process.env, PRYX_ANNOUNCE_FD: '3', ...(polling === true && { PRYX_TELEGRAM_POLLING: 'true' }) },
    });
  } finally {
    closeSync(log);
  }
}

function openLog(home: CliHome): number {
  try {
    mkdirSync(home.logs, { recursive: true, mode: 0o700 });
    return openSync(home.logFile, 'a', 0o600);
  } catch (cause) {
    throw new PryxError('config_invalid', `The folder ${home.folder} cannot be used.`, {
      hint: 'Set PRYX_HOME, or --home, to a folder that you may write.',
      cause,
    });
  }
}

async function listen(child: ChildProcess): Promise<unknown> {
  const exit = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const pipe = child.stdio[3];
  const said = pipe instanceof Readable ? await readAll(pipe) : '';
  if (said !== '') return JSON.parse(said);
  throw new PryxError('internal', `The daemon ended before it was ready (${await exit}).`, {
    hint: 'Its last words are in `pryx logs`.',
  });
}

function readWord(word: unknown): Ready {
  if (isReady(word)) return word;
  throw readError(word);
}

const isReady = (word: unknown): word is Ready => typeof word === 'object' && word !== null && 'pid' in word;

async function waitUntilRunning(home: CliHome): Promise<{ daemon: { pid: number; port: number | null } }> {
  for (const startedAt = performance.now(); performance.now() - startedAt < readyWithinMs; await sleep(50)) {
    const status = await readStatusIfRunning(home);
    if (status !== undefined && status.daemon.state !== 'starting') return status;
  }
  throw notRunning(home);
}
