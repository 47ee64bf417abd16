/** The one alarm of an object, which outlives what the object remembers. */
import { expect, test } from 'vitest';
import { createAlarm } from '../../../workers/durable/alarm.ts';

const hour = 60 * 60 * 1000;

test('an alarm that rings sooner than asked for is followed by the next one that is asked for', async () => {
  let now = 0;
  // An earlier life of the object left it.
  let set: number | null = 10_000;
  const under: Promise<unknown>[] = [];
  const storage = {
    getAlarm: async () => set,
    setAlarm: async (at: number) => {
      set = at;
    },
  };
  const ctx = {
    storage,
    waitUntil: (work: Promise<unknown>) => void under.push(work),
  };
  const alarm = createAlarm(ctx, { now: () => now, sleep: async () => undefined });
  alarm.ensure(hour);
  await Promise.all(under);
  expect(set).toBe(10_000);
  now = 10_000;
  set = null;
  alarm.ensure(2 * hour);
  await Promise.all(under);
  expect(set).toBe(2 * hour);
});

test('an alarm that could not be set is set the next time', async () => {
  let broken = true;
  let set: number | null = null;
  const under: Promise<unknown>[] = [];
  const storage = {
    getAlarm: async () => set,
    async setAlarm(at: number) {
      if (broken) throw new Error('no storage');
      set = at;
    },
  };
  const ctx = {
    storage,
    waitUntil: (work: Promise<unknown>) => void under.push(work),
  };
  const alarm = createAlarm(ctx, { now: () => 0, sleep: async () => undefined });
  alarm.ensure(hour);
  await Promise.allSettled(under);
  broken = false;
  alarm.ensure(hour);
  await Promise.allSettled(under);
  expect(set).toBe(hour);
});
