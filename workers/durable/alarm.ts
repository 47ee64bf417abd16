/** The one alarm of a Durable Object, which outlives what the object remembers of it. */
import type { Alarm, Clock } from './ports.ts';

/** What is needed of `DurableObjectState`. */
export interface AlarmContext {
  storage: { getAlarm(): Promise<number | null>; setAlarm(at: number): Promise<void> };
  waitUntil(work: Promise<unknown>): void;
}

/** An object has one alarm: it is only ever moved to an earlier time. */
export function createAlarm(ctx: AlarmContext, clock: Clock): Alarm {
  let earliest: number | null = null;
  async function moveUp(at: number): Promise<void> {
    try {
      const set = await ctx.storage.getAlarm();
      if (set === null || set > at) await ctx.storage.setAlarm(at);
      // Set by an earlier life of the object: once it has rung, there is none any more.
      else if (earliest === at) earliest = set;
    } catch {
      // The next one who asks tries again.
      if (earliest === at) earliest = null;
    }
  }
  return {
    ensure(at) {
      if (earliest !== null && earliest <= at && earliest > clock.now()) return;
      earliest = at;
      ctx.waitUntil(moveUp(at));
    },
  };
}
