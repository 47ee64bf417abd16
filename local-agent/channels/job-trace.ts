/** When one inbound job passed each hop, read from the rows that it left. */
import { eq, max, min } from 'drizzle-orm';
import { type JobTrace, hopNames } from '../../shared/api/trace.ts';
import type { Db } from '../store/database.ts';
import { turn } from '../store/tables/conversation.ts';
import { inbox } from '../store/tables/inbox.ts';
import { outbox, outboxPart } from '../store/tables/outbox.ts';

export function traceJob(db: Db, jobId: string): JobTrace {
  const row = db.select().from(inbox).where(eq(inbox.jobId, jobId)).get();
  if (row === undefined) return { job: jobId, state: 'unknown', hops: [] };
  const run = db.select().from(turn).where(eq(turn.inboxId, row.id)).get();
  const answer = db
    .select()
    .from(outbox)
    .where(eq(outbox.dedupeKey, `turn:${row.id}`))
    .get();
  const parts = db
    .select({ placed: min(outboxPart.placedAt), sent: max(outboxPart.sentAt) })
    .from(outboxPart)
    .where(eq(outboxPart.outboxId, answer?.id ?? 0))
    .get();
  const times: Record<(typeof hopNames)[number], number | null | undefined> = {
    made: row.madeAt,
    received: row.receivedAt,
    stored: row.storedAt,
    turn_started: run?.startedAt,
    first_token: run?.firstTokenAt,
    turn_finished: run?.finishedAt,
    placed: parts?.placed,
    sent: answer?.state === 'sent' ? parts?.sent : null,
  };
  return {
    job: jobId,
    state: stateOf(row.state, answer?.state),
    hops: hopNames.flatMap((name) => (typeof times[name] === 'number' ? [{ name, at: times[name] }] : [])),
  };
}

function stateOf(
  inbound: (typeof inbox.$inferSelect)['state'],
  outbound: 'open' | 'sent' | 'failed' | undefined,
): JobTrace['state'] {
  if (inbound === 'ignored' || inbound === 'failed') return inbound;
  if (outbound === 'failed') return 'failed';
  if (outbound === 'sent') return 'answered';
  return inbound === 'done' && outbound === undefined ? 'ignored' : 'working';
}
