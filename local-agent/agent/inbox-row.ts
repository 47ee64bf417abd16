/** What the agent does to the row that it was handed: it ends it, or leaves it for after the next start. */
import { and, eq, gt, sql } from 'drizzle-orm';
import type { Db } from '../store/database.ts';
import { inbox } from '../store/tables/inbox.ts';

/** The body is emptied: what was said lives in the transcript alone, and of strangers nowhere. */
export function finishInbox(db: Db, id: number, state: 'done' | 'ignored', now: number): void {
  db.update(inbox)
    .set({ state, finishedAt: now, body: Buffer.alloc(0) })
    .where(eq(inbox.id, id))
    .run();
}

/** A daemon that is told to stop while it works on a message has not failed at it: that attempt does not count. */
export function giveBackAttempt(db: Db, id: number): void {
  db.update(inbox)
    .set({ attempts: sql`${inbox.attempts} - 1` })
    .where(and(eq(inbox.id, id), eq(inbox.state, 'new'), gt(inbox.attempts, 0)))
    .run();
}
