/** Outbound work: answers of one lane leave in order, lanes side by side; what a crash left is taken up again. */
import { eq } from 'drizzle-orm';
import type { Replies } from '../core/replies.ts';
import { outbox } from '../store/tables/outbox.ts';
import { type Draft, createDraft } from './draft.ts';
import { type DeliveryDeps, createDelivery } from './deliver-answer.ts';

export type OutboxDeps = Omit<DeliveryDeps, 'stopping' | 'leaving'>;

/** How long the end of the daemon waits for answers to what has left. */
const lastAnswersMs = 5_000;
const retryMs = [1_000, 5_000, 30_000, 120_000];

export function createOutbox(deps: OutboxDeps) {
  const { db } = deps;
  /** The line of each lane, by outbox id; the first is being delivered. */
  const lanes = new Map<string, number[]>();
  const drafts = new Map<number, Draft>();
  const stopping = new AbortController();
  const leaving = new AbortController();
  const working = new Set<Promise<void>>();
  const delivery = createDelivery({ ...deps, stopping: stopping.signal, leaving: leaving.signal });

  function enqueue(id: number): void {
    if (drafts.has(id) || stopping.signal.aborted) return;
    const row = db.select({ lane: outbox.lane, state: outbox.state }).from(outbox).where(eq(outbox.id, id)).get();
    if (row?.state !== 'open') return;
    drafts.set(id, createDraft());
    const line = lanes.get(row.lane);
    if (line !== undefined) {
      line.push(id);
      return;
    }
    lanes.set(row.lane, [id]);
    const work = runLane(row.lane).finally(() => working.delete(work));
    working.add(work);
  }

  async function runLane(lane: string): Promise<void> {
    const line = lanes.get(lane) ?? [];
    for (let id = line[0]; id !== undefined && !stopping.signal.aborted; id = line[0]) {
      const draft = drafts.get(id);
      if (draft !== undefined) await deliverWhole(id, draft);
      drafts.delete(id);
      line.shift();
    }
    lanes.delete(lane);
  }

  /** What throws is the database, on a full disk for instance: the answer is taken up again as after a crash, and nothing overtakes it. */
  async function deliverWhole(id: number, draft: Draft): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        return await delivery.deliver(id, draft);
      } catch (error) {
        if (stopping.signal.aborted) return;
        deps.log.error('outbox.delivery_failed', error, { outbox: id });
        await deps.clock.sleep(retryMs[Math.min(failures, retryMs.length - 1)] ?? 0, stopping.signal).catch(() => {});
      }
    }
  }

  const replies: Replies = {
    wake(id) {
      const draft = drafts.get(id);
      if (draft === undefined) enqueue(id);
      else draft.wake();
    },
    preview(id, markdown) {
      drafts.get(id)?.write(markdown);
    },
  };

  return {
    replies,
    /** Takes up what an earlier run left. */
    resume(): void {
      for (const { id } of db
        .select({ id: outbox.id })
        .from(outbox)
        .where(eq(outbox.state, 'open'))
        .orderBy(outbox.id)
        .all())
        enqueue(id);
    },
    /** Lets placeholders that have left come to their end; whatever waits is left to the next start. */
    async stop(): Promise<void> {
      stopping.abort();
      const ended = new AbortController();
      deps.clock.sleep(lastAnswersMs, ended.signal).then(
        () => leaving.abort(),
        () => undefined,
      );
      await Promise.allSettled(working);
      ended.abort();
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;
