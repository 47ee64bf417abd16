/** What may be sent next: one update of each lane at a time, so many lanes at once, lanes that failed only after a while. */
import type { PendingUpdate } from './update-queue.ts';

interface Lane {
  waiting: PendingUpdate[];
  /** `idle` has nothing to do; `ready` waits for its turn; `busy` is being sent, or sleeps after a failure. */
  state: 'idle' | 'ready' | 'busy';
}

export interface Lanes {
  add(pending: PendingUpdate, lane?: string): void;
  /** The next update whose turn has come; its lane is busy until `succeeded` or `retry`. */
  next(): { pending: PendingUpdate; lane: string } | undefined;
  /** Both do nothing when the lanes were cleared since. */
  succeeded(lane: string, pending: PendingUpdate): void;
  retry(lane: string, pending: PendingUpdate): void;
  clear(): void;
}

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>();
  let ready: string[] = [];

  const makeReady = (name: string, lane: Lane): void => {
    lane.state = 'ready';
    ready.push(name);
  };

  return {
    add(pending, name = pending.lane) {
      let lane = lanes.get(name);
      if (lane === undefined) lanes.set(name, (lane = { waiting: [], state: 'idle' }));
      lane.waiting.push(pending);
      if (lane.state === 'idle') makeReady(name, lane);
    },
    next() {
      const name = ready.shift();
      const lane = name === undefined ? undefined : lanes.get(name);
      const pending = lane?.waiting[0];
      if (name === undefined || lane === undefined || pending === undefined) return undefined;
      lane.state = 'busy';
      return { pending, lane: name };
    },
    succeeded(name, pending) {
      const lane = lanes.get(name);
      if (lane === undefined || lane.waiting[0] !== pending) return;
      lane.waiting.shift();
      if (lane.waiting.length === 0) lanes.delete(name);
      else makeReady(name, lane);
    },
    retry(name, pending) {
      const lane = lanes.get(name);
      if (lane?.waiting[0] === pending) makeReady(name, lane);
    },
    clear() {
      lanes.clear();
      ready = [];
    },
  };
}
