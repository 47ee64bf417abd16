/** A clock that stands still until a test moves it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../local-agent/core/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever slept until then. */
  advance(ms: number): Promise<void>;
  /** Resolves when somebody sleeps for so long, counted from now. */
  sleeping(ms: number): Promise<void>;
}

export function createManualClock(start: number): ManualClock {
  let time = start;
  const sleepers = new Set<{ until: number; wake(): void }>();
  const watchers: (() => void)[] = [];
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = { until: time + ms, wake: resolve };
        sleepers.add(sleeper);
        for (const look of watchers.splice(0)) look();
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', abort, { once: true });
      }),
    async sleeping(ms) {
      while (![...sleepers].some(({ until }) => until - time === ms))
        await new Promise<void>((resolve) => watchers.push(resolve));
    },
    async advance(ms) {
      time += ms;
      for (const sleeper of sleepers) {
        if (sleeper.until > time) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await nextTurn();
    },
  };
}
