/** A clock that hurries: whoever sleeps is woken at once, and it is that much later. It keeps what was slept. */
import type { Clock } from '../../local-agent/core/clock.ts';

export interface HurriedClock extends Clock {
  /** Milliseconds, in order. */
  slept: number[];
  jump(ms: number): void;
}

export function createHurriedClock(start = Date.now()): HurriedClock {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    jump(ms) {
      now += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      now += ms;
    },
  };
}
