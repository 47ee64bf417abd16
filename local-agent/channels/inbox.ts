/** Inbound work: durable first, acknowledged next, then done in order within a lane, lanes side by side. */
import { and, eq, exists, sql } from 'drizzle-orm';
import type { RefusalCode } from '../../shared/wire/frame.ts';
import type { Channel } from '../core/channel.ts';
import type { Clock } from '../core/clock.ts';
import type { Incoming } from '../core/incoming.ts';
import type { Log } from '../core/log.ts';
import type { Db } from '../store/database.ts';
import { turn } from '../store/tables/conversation.ts';
import { edge } from '../store/tables/identity.ts';
import { type InboxRow, inbox } from '../store/tables/inbox.ts';
import { recordAudit } from '../trust/audit/record.ts';
import { type ReceivedJob, readJob } from './accept-job.ts';

export interface InboxDeps {
  db: Db;
  channels: ReadonlyMap<string, Channel>;
  /** Does the work of one row and records its end. May throw; is called again for the same row after that, or after a crash. */
  handle(row: InboxRow, incoming: Incoming): Promise<void>;
  clock: Clock;
  log: Log;
}

/** Lanes at work at once. The rest wait in the database and in line. */
const lanesAtOnce = 100;
const retryMs = [1_000, 5_000, 30_000, 120_000];

export function createInbox({ db, channels, handle, clock, log }: InboxDeps) {
  const lanes = new Map<string, { id: number; incoming: Incoming }[]>();
  const waitingLanes: string[] = [];
  const stopping = new AbortController();
  const working = new Set<Promise<void>>();

  const insertRow = db
    .insert(inbox)
    .values({
      jobId: sql.placeholder('jobId'),
      channel: sql.placeholder('channel'),
      lane: sql.placeholder('lane'),
      seq: sql.placeholder('seq'),
      traceparent: sql.placeholder('traceparent'),
      body: sql.placeholder('body'),
      madeAt: sql.placeholder('madeAt'),
      receivedAt: sql.placeholder('receivedAt'),
      storedAt: sql.placeholder('storedAt'),
      state: sql.placeholder('state'),
      finishedAt: sql.placeholder('finishedAt'),
      error: sql.placeholder('error'),
    })
    .onConflictDoNothing()
    .returning({ id: inbox.id })
    .prepare();
  const haveOf = db
    .select({ have: edge.have })
    .from(edge)
    .where(eq(edge.origin, sql.placeholder('origin')))
    .prepare();
  const setHave = db
    .update(edge)
    .set({ have: sql`${sql.placeholder('have')}` })
    .where(eq(edge.origin, sql.placeholder('origin')))
    .prepare();
  const rowById = db
    .select()
    .from(inbox)
    .where(eq(inbox.id, sql.placeholder('id')))
    .prepare();

  /** One row, unless its id is known. Only what somebody will act on is kept; the rest is a mark that it was seen. */
  function store(job: ReceivedJob, now: number): { id: number; lane: string; incoming: Incoming } | undefined {
    const read = readJob(job, channels);
    const open = read.state === 'new' || read.state === 'waiting';
    const row = insertRow.get({
      jobId: job.id,
      channel: read.channel,
      lane: read.lane,
      seq: job.seq,
      traceparent: job.traceparent,
      body: open ? Buffer.from(job.body) : Buffer.alloc(0),
      madeAt: job.madeAt,
      receivedAt: job.receivedAt,
      storedAt: now,
      state: open ? 'new' : read.state,
      finishedAt: open ? null : now,
      error: open ? null : read.error,
    });
    return row === undefined || read.state !== 'new'
      ? undefined
      : { id: row.id, lane: read.lane, incoming: read.incoming };
  }

  function enqueue(lane: string, entry: { id: number; incoming: Incoming }): void {
    const line = lanes.get(lane);
    if (line !== undefined) {
      line.push(entry);
      return;
    }
    lanes.set(lane, [entry]);
    if (working.size < lanesAtOnce) startLane(lane);
    else waitingLanes.push(lane);
  }

  function startLane(lane: string): void {
    // Not before the caller is back: what is durable is acknowledged first.
    const work = Promise.resolve()
      .then(() => runLane(lane))
      .finally(() => {
        working.delete(work);
        const next = stopping.signal.aborted ? undefined : waitingLanes.shift();
        if (next !== undefined) startLane(next);
      });
    working.add(work);
  }

  async function runLane(lane: string): Promise<void> {
    const line = lanes.get(lane) ?? [];
    for (let entry = line[0]; entry !== undefined && !stopping.signal.aborted; entry = line[0]) {
      await work(entry);
      line.shift();
    }
    // Nothing can have been added since the last look: there was no await in between.
    lanes.delete(lane);
  }

  async function work({ id, incoming }: { id: number; incoming: Incoming }): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        const row = rowById.get({ id });
        if (row?.state !== 'new') return;
        await handle(row, incoming);
        if (incoming.type === 'button') await confirmButton(id, row.channel, incoming.pressId);
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.error('inbox.work_failed', error, { inbox: id });
        countAttempt(id);
        await clock.sleep(retryMs[Math.min(failures, retryMs.length - 1)] ?? 0, stopping.signal).catch(() => undefined);
      }
    }
  }

  /** A database that takes nothing, on a full disk for instance, is no reason to give up on the message. */
  function countAttempt(id: number): void {
    try {
      db.update(inbox)
        .set({ attempts: sql`${inbox.attempts} + 1` })
        .where(eq(inbox.id, id))
        .run();
    } catch (error) {
      log.error('inbox.attempt_not_counted', error, { inbox: id });
    }
  }

  /** A stranger's press stays unanswered, like everything else of his. */
  async function confirmButton(id: number, channel: string, pressId: string): Promise<void> {
    if (rowById.get({ id })?.state !== 'done') return;
    await channels.get(channel)?.confirmButton(pressId, { signal: stopping.signal });
  }

  return {
    /**
     * Makes jobs durable in one transaction and puts them in line. `from` names the edge they came from; then their sequence must hold:
     * a job that lies at or below what is durable and is not known is a replay. Jobs with a known id are acknowledged and not done again.
     */
    accept(
      jobs: readonly ReceivedJob[],
      from?: string,
    ): { have: number; refused: { seq: number; code: RefusalCode }[] } {
      const now = clock.now();
      const fresh: NonNullable<ReturnType<typeof store>>[] = [];
      const refused: { seq: number; code: RefusalCode }[] = [];
      let have = 0;
      db.transaction(() => {
        have = from === undefined ? 0 : (haveOf.get({ origin: from })?.have ?? 0);
        const before = have;
        for (const job of jobs) {
          const seq = job.seq ?? 0;
          if (from !== undefined && seq <= before && !isKnown(job.id)) {
            refused.push({ seq, code: 'replayed' });
            continue;
          }
          const stored = store(job, now);
          if (stored !== undefined) fresh.push(stored);
          have = Math.max(have, seq);
        }
        if (have > before) setHave.run({ have, origin: from });
        for (const { seq, code } of refused) recordAudit(db, now, 'job.refused', { seq, code });
      });
      for (const { lane, ...entry } of fresh) enqueue(lane, entry);
      return { have, refused };
    },

    /** Takes up what an earlier run left. */
    resume(): void {
      db.update(inbox)
        .set({ attempts: sql`${inbox.attempts} + 1` })
        .where(
          and(eq(inbox.state, 'new'), exists(db.select({ one: sql`1` }).from(turn).where(eq(turn.inboxId, inbox.id)))),
        )
        .run();
      for (const row of db.select().from(inbox).where(eq(inbox.state, 'new')).orderBy(inbox.id).all()) {
        const read = readJob({ ...row, id: row.jobId, kind: 'telegram.update' }, channels);
        if (read.state === 'new') enqueue(read.lane, { id: row.id, incoming: read.incoming });
        else if (read.state !== 'waiting')
          db.update(inbox)
            .set({ state: read.state, error: read.error, finishedAt: clock.now() })
            .where(eq(inbox.id, row.id))
            .run();
      }
    },

    /** Lets what is at work come to its next resting point. */
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.allSettled(working);
    },
  };

  function isKnown(jobId: string): boolean {
    return db.select({ id: inbox.id }).from(inbox).where(eq(inbox.jobId, jobId)).get() !== undefined;
  }
}

export type Inbox = ReturnType<typeof createInbox>;
