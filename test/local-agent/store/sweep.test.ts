import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { createSweeper, sweepAll, sweepBatch } from '../../../local-agent/store/sweep.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { conversation, message, turn } from '../../../local-agent/store/tables/conversation.ts';
import { inbox } from '../../../local-agent/store/tables/inbox.ts';
import { outbox, outboxPart } from '../../../local-agent/store/tables/outbox.ts';
import { eventually } from './eventually.ts';

const day = 24 * 60 * 60 * 1000;
const now = 1000 * day;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const never = new AbortController().signal;
const clock = { now: () => now, sleep: () => Promise.resolve() };

function openWith(jobs: { age: number; state: 'new' | 'done' | 'failed' }[]) {
  const { db } = openDatabase({ path: ':memory:' });
  db.insert(conversation).values({ id: 1, channel: 'telegram', key: '42', audience: 'private', createdAt: 0 }).run();
  for (const [index, { age, state }] of jobs.entries()) {
    const id = index + 1;
    const at = now - age * day;
    const finishedAt = state === 'new' ? null : at;
    const times = { madeAt: at, receivedAt: at, storedAt: at };
    const job = {
      id,
      jobId: `tg:1:${id}`,
      channel: 'telegram',
      lane: 'telegram:42',
      traceparent: '00',
      body: Buffer.alloc(0),
    };
    db.insert(inbox)
      .values({ ...job, ...times, state, finishedAt })
      .run();
    db.insert(turn)
      .values({ id, conversationId: 1, inboxId: id, state: state === 'new' ? 'running' : 'done', startedAt: at })
      .run();
    db.insert(message).values({ conversationId: 1, turnId: id, role: 'user', text: 'hello', at }).run();
    const answer = {
      id,
      dedupeKey: `turn:${id}`,
      lane: 'telegram:42',
      address: { channel: 'telegram', key: '42', data: {} },
    };
    db.insert(outbox)
      .values({ ...answer, storedAt: at, finishedAt, state: state === 'new' ? 'open' : 'sent' })
      .run();
    db.insert(outboxPart).values({ outboxId: id, part: 0, state: 'sent' }).run();
    db.insert(audit)
      .values({ at: now - age * day, event: 'owner.claimed', detail: {} })
      .run();
  }
  return db;
}
const ids = (rows: { id: number }[]) => rows.map(({ id }) => id);

describe('the sweep', () => {
  it('deletes after 30 days what is finished, and never what still waits', async () => {
    const db = openWith([
      { age: 400, state: 'new' },
      { age: 31, state: 'done' },
      { age: 31, state: 'failed' },
      { age: 29, state: 'done' },
      { age: 0, state: 'new' },
    ]);
    expect(await sweepAll(db, clock, quiet, never)).toEqual({ inbox: 2, outbox: 2, turns: 2, audit: 1 });
    expect(ids(db.select().from(inbox).all())).toEqual([1, 4, 5]);
    expect(ids(db.select().from(outbox).all())).toEqual([1, 4, 5]);
    expect(
      db
        .select()
        .from(outboxPart)
        .all()
        .map((part) => part.outboxId),
    ).toEqual([1, 4, 5]);
    expect(ids(db.select().from(turn).all())).toEqual([1, 4, 5]);
  });

  it('keeps every message, and never gives the number of a deleted turn out again', async () => {
    const db = openWith([
      { age: 40, state: 'done' },
      { age: 39, state: 'done' },
    ]);
    await sweepAll(db, clock, quiet, never);
    expect(db.select().from(message).all()).toHaveLength(2);
    const next = db
      .insert(turn)
      .values({ conversationId: 1, inboxId: 9, state: 'running', startedAt: now })
      .returning()
      .get();
    expect(next.id).toBe(3);
  });

  it('keeps the audit for a year', async () => {
    const db = openWith([
      { age: 366, state: 'done' },
      { age: 364, state: 'done' },
    ]);
    await sweepAll(db, clock, quiet, never);
    expect(ids(db.select().from(audit).all())).toEqual([2]);
  });

  it('takes a bounded bite at a time', () => {
    const db = openWith(Array.from({ length: 10 }, () => ({ age: 500, state: 'done' as const })));
    expect(sweepBatch(db, now, 4)).toEqual({ inbox: 4, outbox: 4, turns: 4, audit: 4 });
    expect(sweepBatch(db, now, 4)).toEqual({ inbox: 4, outbox: 4, turns: 4, audit: 4 });
    // The newest turn stays.
    expect(sweepBatch(db, now, 4)).toEqual({ inbox: 2, outbox: 2, turns: 1, audit: 2 });
    expect(sweepBatch(db, now, 4)).toEqual({ inbox: 0, outbox: 0, turns: 0, audit: 0 });
  });

  it('goes on until all of it is gone, and says in the log how much that was', async () => {
    const db = openWith(Array.from({ length: 450 }, () => ({ age: 500, state: 'done' as const })));
    const logged: unknown[] = [];
    await sweepAll(db, clock, { ...quiet, info: (event, fields) => void logged.push([event, fields]) }, never);
    expect(logged).toEqual([['store.swept', { inbox: 450, outbox: 450, turns: 449, audit: 450 }]]);
  });

  it('runs again and again until it is stopped, whatever goes wrong once', async () => {
    const db = openWith([]);
    const logged: string[] = [];
    const sleeps: number[] = [];
    const sweeper = createSweeper({
      db,
      clock: {
        now: () => {
          if (sleeps.length === 1) throw new Error('once');
          return now;
        },
        sleep: async (ms, signal) => {
          sleeps.push(ms);
          if (sleeps.length === 3) void sweeper.stop();
          await new Promise((resolve) => setImmediate(resolve));
          signal?.throwIfAborted();
        },
      },
      log: { ...quiet, error: (event) => void logged.push(event) },
    });
    sweeper.start();
    await eventually(() => sleeps.length).toBe(3);
    await sweeper.stop();
    expect(logged).toEqual(['store.sweep_failed']);
    expect(sleeps).toHaveLength(3);
  });
});
