/** Jobs of one connection: opened as they arrive, and those that arrived together committed in one transaction. */
import type { DeviceFrame, RefusalCode } from '../../shared/wire/frame.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { type EdgeTrust, type OpenedJob, openJob } from './verify-job.ts';

/** What became of jobs that were handed over: all up to `have` are durable, or refused for good. */
export interface Accepted {
  have: number;
  refused: { seq: number; code: RefusalCode }[];
}

export interface ReceiverDeps {
  trust: EdgeTrust;
  /** Makes the good ones durable before it returns, in one transaction. Throws when it cannot; then none of them is. */
  accept(jobs: OpenedJob[]): Accepted;
  send(frame: DeviceFrame): void;
  /** Ends the connection: what was not acknowledged comes again at the next. */
  giveUp(): void;
  /** Runs `work` once what has already arrived is dealt with. */
  defer(work: () => void): void;
  clock: Clock;
  log: Log;
}

export function createReceiver(deps: ReceiverDeps) {
  let { trust } = deps;
  let arrived: OpenedJob[] = [];
  let broken = false;

  function commit(): void {
    const jobs = arrived;
    arrived = [];
    if (broken) return;
    try {
      const { have, refused } = deps.accept(jobs);
      for (const refusal of refused) {
        deps.log.warn('job.refused', { seq: refusal.seq, code: refusal.code });
        deps.send({ type: 'refuse', ...refusal });
      }
      deps.send({ type: 'ack', seq: have });
    } catch (error) {
      // An acknowledgement is cumulative: taking a later job now would give this one away.
      broken = true;
      deps.log.error('job.not_stored', error);
      deps.giveUp();
    }
  }

  return {
    /** Jobs that come from now on are judged by this; those that came before have been. */
    trust(next: EdgeTrust): void {
      trust = next;
    },
    /** What came and is not committed yet comes again at the next connection. */
    giveUp(): void {
      broken = true;
      deps.giveUp();
    },
    take(frame: { seq: number; jws: string }): void {
      arrived.push(openJob(frame, trust, deps.clock.now()));
      if (arrived.length === 1) deps.defer(commit);
    },
  };
}
