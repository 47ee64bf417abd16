/** Time and chance when nobody gives others. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../../local-agent/core/clock.ts';
import type { Random } from '../../../../local-agent/core/random.ts';

/** The same time in every process of this machine, to fractions of a millisecond, and never going back within one. */
export const createDefaultClock = (): Clock => ({
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
});

export const createDefaultRandom = (): Random => ({ bytes: (length) => randomBytes(length), fraction: Math.random });
