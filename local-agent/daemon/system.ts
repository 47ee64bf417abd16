/** The real clock and the real randomness. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';

/** How far the two clocks below may lie apart before one is corrected by the other, in milliseconds. */
const toleranceMs = 20;
/** A longer timer would fire at once (Node, `setTimeout`). */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The wall clock is right but coarse, and may be set back; the monotonic one is fine and even, but stands still while the machine
 * sleeps. So time runs with the monotonic clock and is corrected by the wall: at once when that is ahead (the lid was closed, or the
 * clock was set forward); at half speed until they meet when it is behind, for time never goes back within a process.
 */
export function createSystemClock(
  wall: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): Clock {
  let last = wall();
  let ticked = monotonic();
  return {
    now() {
      const tick = monotonic();
      const elapsed = tick - ticked;
      ticked = tick;
      const behind = wall() - (last + elapsed);
      if (behind > toleranceMs) last += elapsed + behind;
      else last += behind < -toleranceMs ? elapsed / 2 : elapsed;
      return last;
    },
    sleep,
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(reasonOf(signal));
      return;
    }
    let left = ms;
    let timer: NodeJS.Timeout;
    const onAbort = (): void => {
      clearTimeout(timer);
      if (signal !== undefined) reject(reasonOf(signal));
    };
    const wait = (): void => {
      const part = Math.min(Math.max(left, 0), longestTimerMs);
      left -= part;
      timer = setTimeout(() => {
        if (left > 0) return wait();
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, part);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    wait();
  });
}

/** `abort(reason)` takes anything; whoever waits is owed an error. */
const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new DOMException('This operation was aborted', 'AbortError');

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  fraction: () => Math.random(),
};
