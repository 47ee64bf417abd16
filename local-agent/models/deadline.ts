/** A point in time after which something is given up; it can be moved on for as long as there are signs of life. */
import type { Clock } from '../core/clock.ts';

export interface Deadline {
  /** Starts counting anew. Costs nothing: one sleep serves however many calls. */
  extend(): void;
  /** Nothing will happen any more. */
  end(): void;
}

export function createDeadline(clock: Clock, ms: number, expire: () => void): Deadline {
  let at = clock.now() + ms;
  const ended = new AbortController();
  const watch = async (): Promise<void> => {
    for (let left = ms; left > 0; left = at - clock.now()) await clock.sleep(left, ended.signal);
    if (!ended.signal.aborted) expire();
  };
  watch().catch(() => {
    // Only the sleep rejects, and only because the deadline was ended.
  });
  return {
    extend() {
      at = clock.now() + ms;
    },
    end() {
      // A reason of our own: making the default one costs a stack trace.
      ended.abort('ended');
    },
  };
}
