/** How much lies in the queues: what `pryx status` shows. */
import { and, count, eq, gt, notInArray } from 'drizzle-orm';
import type { Db } from './database.ts';
import { turn } from './tables/conversation.ts';
import { inbox } from './tables/inbox.ts';
import { outbox, outboxPart } from './tables/outbox.ts';

export interface QueueCounts {
  /** Jobs that wait for their turn. */
  inbox: number;
  /** Turns that run. */
  turns: number;
  /** Answers on their way out. */
  outbox: number;
  /** Messages of theirs that may have been sent without our knowing. */
  inDoubt: number;
  /** Jobs and answers that were given up, as long as they are kept. */
  failed: number;
}

export function countQueues(db: Db): QueueCounts {
  const failedJobs = db.select({ n: count() }).from(inbox).where(eq(inbox.state, 'failed')).get();
  const failedAnswers = db.select({ n: count() }).from(outbox).where(eq(outbox.state, 'failed')).get();
  const inDoubt = db
    .select({ n: count() })
    .from(outboxPart)
    .where(and(gt(outboxPart.inDoubt, 0), notInArray(outboxPart.state, ['placed', 'sent', 'failed'])))
    .get();
  return {
    inbox: db.select({ n: count() }).from(inbox).where(eq(inbox.state, 'new')).get()?.n ?? 0,
    turns: db.select({ n: count() }).from(turn).where(eq(turn.state, 'running')).get()?.n ?? 0,
    outbox: db.select({ n: count() }).from(outbox).where(eq(outbox.state, 'open')).get()?.n ?? 0,
    inDoubt: inDoubt?.n ?? 0,
    failed: (failedJobs?.n ?? 0) + (failedAnswers?.n ?? 0),
  };
}
