/** The rows of the outbox, as the delivery of one answer reads and writes them. */
import { and, eq, sql } from 'drizzle-orm';
import type { Content } from '../core/channel.ts';
import type { Clock } from '../core/clock.ts';
import type { Db } from '../store/database.ts';
import type { Commit } from '../store/group-commit.ts';
import { type OutboxPartRow, type OutboxRow, outbox, outboxPart } from '../store/tables/outbox.ts';
import { recordAudit } from '../trust/audit/record.ts';

export function createOutboxRows(db: Db, clock: Clock, commit: Commit) {
  const byId = db
    .select()
    .from(outbox)
    .where(eq(outbox.id, sql.placeholder('id')))
    .prepare();
  const partsById = db
    .select()
    .from(outboxPart)
    .where(eq(outboxPart.outboxId, sql.placeholder('id')))
    .orderBy(outboxPart.part)
    .prepare();
  const ofPart = (part: OutboxPartRow) => and(eq(outboxPart.outboxId, part.outboxId), eq(outboxPart.part, part.part));

  return {
    find: (id: number): OutboxRow | undefined => byId.get({ id }),
    parts: (id: number): OutboxPartRow[] => partsById.all({ id }),

    /** Writes the change to the database, durably, and then to `part`. */
    async update(part: OutboxPartRow, change: Partial<Omit<OutboxPartRow, 'outboxId' | 'part'>>): Promise<void> {
      await commit(() => db.update(outboxPart).set(change).where(ofPart(part)).run());
      Object.assign(part, change);
    },

    async countDoubt(part: OutboxPartRow): Promise<void> {
      const inDoubt = part.inDoubt + 1;
      await commit(() => {
        db.update(outboxPart).set({ inDoubt }).where(ofPart(part)).run();
        recordAudit(db, clock.now(), 'send.in_doubt', { outbox: part.outboxId, part: part.part, times: inDoubt });
      });
      part.inDoubt = inDoubt;
    },

    /** The messages of an answer, once its text is known. Those that exist keep their state; doing it again changes nothing. */
    expand(row: OutboxRow, contents: readonly Content[]): Promise<OutboxPartRow[]> {
      return commit(() => {
        contents.forEach((content, part) => {
          db.insert(outboxPart)
            .values({ outboxId: row.id, part, content, state: 'new' })
            .onConflictDoUpdate({
              target: [outboxPart.outboxId, outboxPart.part],
              set: { content: sql`coalesce(content, excluded.content)` },
            })
            .run();
        });
        return partsById.all({ id: row.id });
      });
    },

    /** The last message of an answer stands: that is the end of both. */
    async finishSent(row: OutboxRow, part: OutboxPartRow): Promise<void> {
      const now = clock.now();
      await commit(() => {
        db.update(outboxPart).set({ state: 'sent', sentAt: now }).where(ofPart(part)).run();
        db.update(outbox).set({ state: 'sent', finishedAt: now }).where(eq(outbox.id, row.id)).run();
      });
      Object.assign(part, { state: 'sent', sentAt: now });
    },

    finishFailed(row: OutboxRow, reason: string): Promise<void> {
      const now = clock.now();
      return commit(() => {
        db.update(outbox).set({ state: 'failed', finishedAt: now }).where(eq(outbox.id, row.id)).run();
        db.update(outboxPart)
          .set({ state: 'failed', error: reason })
          .where(and(eq(outboxPart.outboxId, row.id), sql`state <> 'sent'`))
          .run();
        recordAudit(db, now, 'send.failed', { outbox: row.id, reason });
      });
    },
  };
}
