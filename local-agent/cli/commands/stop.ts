/** `pryx stop`: lets the daemon end what it is at, and comes back when its process is gone. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PryxError } from '../../../shared/error.ts';
import { askDaemon } from '../ask-daemon.ts';
import type { CliHome } from '../home.ts';
import type { CommandContext } from '../context.ts';

export interface StopOptions {
  /** Kills it when it does not stop by itself. */
  force?: boolean;
}

/** Somewhat more than the daemon gives itself. */
const goneWithinMs = 15_000;
const goneWithinForcedMs = 2_000;
/** Stopping is asked for, not waited for: a daemon that is alive answers at once. */
const answersWithinMs = 2_000;
const answersWithinForcedMs = 500;

export async function stop(context: CommandContext, options: StopOptions): Promise<number> {
  const { pid, forced } = await stopDaemon(context.home, options);
  const words = forced
    ? `Pryx was killed (process ${pid}). What it was at goes on at the next start.`
    : `Pryx has stopped (process ${pid}).`;
  context.output.result({ state: 'stopped', pid, forced }, `${context.output.style('dim', '○')} ${words}`);
  return 0;
}

/** Throws `daemon_not_running`. */
export async function stopDaemon(home: CliHome, { force }: StopOptions): Promise<{ pid: number; forced: boolean }> {
  const asked = await askToStop(home, force === true);
  if (asked.answered && (await waitUntilGone(asked.pid, force === true ? goneWithinForcedMs : goneWithinMs)))
    return { pid: asked.pid, forced: false };
  if (force !== true)
    throw new PryxError('unavailable', `The daemon (process ${asked.pid}) is asked to stop, but has not ended.`, {
      hint: 'Wait, or kill it with `pryx stop --force`: nothing that was accepted is lost.',
    });
  process.kill(asked.pid, 'SIGKILL');
  await waitUntilGone(asked.pid, goneWithinForcedMs);
  return { pid: asked.pid, forced: true };
}

function readPid(answer: unknown): number {
  const pid: unknown = typeof answer === 'object' && answer !== null && 'pid' in answer ? answer.pid : undefined;
  if (typeof pid === 'number') return pid;
  throw new PryxError('internal', 'The daemon is of another version of Pryx.', {
    hint: 'End it with `pryx stop --force`.',
  });
}

/**
 * When it does not answer, the process in its file is the one: it listens on the socket, for the connection was accepted, and only who
 * holds the lock of this home writes that file and listens there.
 */
async function askToStop(home: CliHome, force: boolean): Promise<{ pid: number; answered: boolean }> {
  try {
    const answer = await askDaemon(home, {
      method: 'POST',
      path: '/stop',
      timeoutMs: force ? answersWithinForcedMs : answersWithinMs,
    });
    return { pid: readPid(answer), answered: true };
  } catch (error) {
    const silent = error instanceof PryxError && (error.code === 'unavailable' || error.code === 'internal');
    if (!silent || !force) throw error;
    const pid = Number.parseInt(readFileSync(home.pid, 'utf8'), 10);
    if (!(pid > 1)) throw error;
    return { pid, answered: false };
  }
}

async function waitUntilGone(pid: number, ms: number): Promise<boolean> {
  for (const startedAt = performance.now(); performance.now() - startedAt < ms; await sleep(20))
    if (isGone(pid)) return true;
  return isGone(pid);
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  return isZombie(pid);
}

/** Ended, and not yet taken note of by its parent: for a container without an init that is for ever. Linux only (proc(5)). */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  } catch {
    return false;
  }
}
