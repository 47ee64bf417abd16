/** A clock that stands still until it is told to go on: sleeps end in the order of their time, at once. */
import type { Clock } from '../../local-agent/core/clock.ts';

export interface VirtualClock extends Clock {
  /** Goes on by `ms`, ending every sleep on the way and letting what waited for it run. */
  advance(ms: number): Promise<void>;
  /** Somebody set it: nobody who sleeps notices. */
  jump(ms: number): void;
}

/** Lets everything that can run without time passing run. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

export function createVirtualClock(start = Date.UTC(2026, 10, 20)): VirtualClock {
  let now = start;
  let sleepers: { at: number; wake: () => void }[] = [];

  async function advanceTo(end: number): Promise<void> {
    await settle();
    for (;;) {
      const next = sleepers.filter((sleeper) => sleeper.at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      now = Math.max(now, next.at);
      sleepers = sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
      await settle();
    }
    now = end;
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const sleeper = { at: now + Math.max(0, ms), wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason as Error);
        });
      }),
    advance: (ms) => advanceTo(now + ms),
    jump(ms) {
      now += ms;
      for (const sleeper of sleepers) sleeper.at += ms;
    },
  };
}
