/** Retention: what is old enough is deleted, a bounded batch at a time, so that no table grows for ever and nobody waits for it. */
import { type SQL, and, inArray, lt, max, ne } from 'drizzle-orm';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Db } from './database.ts';
import { audit } from './tables/audit.ts';
import { turn } from './tables/conversation.ts';
import { inbox } from './tables/inbox.ts';
import { outbox } from './tables/outbox.ts';

const dayMs = 24 * 60 * 60 * 1000;
const keepMs = 30 * dayMs;
const keepAuditMs = 365 * dayMs;
const intervalMs = 6 * 60 * 60 * 1000;
/** Rows in one transaction: a few milliseconds on a small machine. */
const batchRows = 200;

export interface SweepCounts {
  inbox: number;
  outbox: number;
  turns: number;
  audit: number;
}

/** One batch of each table; to be called again while any count is `limit`. What is open is never touched, however old. */
export function sweepBatch(db: Db, now: number, limit: number = batchRows): SweepCounts {
  const before = now - keepMs;
  return {
    inbox: deleteOldest(db, inbox, and(ne(inbox.state, 'new'), lt(inbox.finishedAt, before)), limit),
    outbox: deleteOldest(db, outbox, and(ne(outbox.state, 'open'), lt(outbox.finishedAt, before)), limit),
    turns: sweepTurns(db, before, limit),
    audit: sweepAudit(db, now - keepAuditMs, limit),
  };
}

function deleteOldest(db: Db, table: typeof inbox | typeof outbox, old: SQL | undefined, limit: number): number {
  const ids = db.select({ id: table.id }).from(table).where(old).limit(limit);
  return db.delete(table).where(inArray(table.id, ids)).run().changes;
}

/** Messages stay, and point to their turn by number; so the newest turn stays too, or SQLite would give its number out again. */
function sweepTurns(db: Db, before: number, limit: number): number {
  const newest =
    db
      .select({ id: max(turn.id) })
      .from(turn)
      .get()?.id ?? 0;
  const old = and(ne(turn.state, 'running'), lt(turn.startedAt, before), lt(turn.id, newest));
  const ids = db.select({ id: turn.id }).from(turn).where(old).limit(limit);
  return db.delete(turn).where(inArray(turn.id, ids)).run().changes;
}

/** The audit has no index by time: it is written in order, so its oldest rows are its first. */
function sweepAudit(db: Db, before: number, limit: number): number {
  const first = db.select({ id: audit.id, at: audit.at }).from(audit).orderBy(audit.id).limit(limit).as('first');
  const ids = db.select({ id: first.id }).from(first).where(lt(first.at, before));
  return db.delete(audit).where(inArray(audit.id, ids)).run().changes;
}

export interface Sweeper {
  start: () => void;
  stop: () => Promise<void>;
}

/** Sweeps some minutes after the start and then four times a day, with a breath between two batches. */
export function createSweeper(deps: { db: Db; clock: Clock; log: Log }): Sweeper {
  const { db, clock, log } = deps;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    start() {
      running = sweepUntilStopped(db, clock, log, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function sweepUntilStopped(db: Db, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  const pause = (ms: number) => clock.sleep(ms, signal).catch(() => {});
  await pause(5 * 60 * 1000);
  while (!signal.aborted) {
    try {
      await sweepAll(db, clock, log, signal);
    } catch (error) {
      log.error('store.sweep_failed', error);
    }
    await pause(intervalMs);
  }
}

/** Deletes all that is old, and logs how much it was. */
export async function sweepAll(db: Db, clock: Clock, log: Log, signal: AbortSignal): Promise<SweepCounts> {
  const total: SweepCounts = { inbox: 0, outbox: 0, turns: 0, audit: 0 };
  for (let more = true; more && !signal.aborted; ) {
    const batch = sweepBatch(db, clock.now());
    more = Object.values(batch).some((count) => count === batchRows);
    total.inbox += batch.inbox;
    total.outbox += batch.outbox;
    total.turns += batch.turns;
    total.audit += batch.audit;
    if (more) await clock.sleep(50, signal).catch(() => {});
  }
  if (Object.values(total).some((count) => count > 0)) log.info('store.swept', { ...total });
  return total;
}
