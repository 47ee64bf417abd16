/** The sealed jobs that a device has not acknowledged, in order, and the ids of those that it has. Plain SQL; nothing here waits. */
import type { RefusalCode } from '../../shared/wire/frame.ts';
import { maxMailboxBytes, maxMailboxJobs } from '../../shared/wire/limits.ts';
import type { Clock, Sql } from './ports.ts';

export interface SignedJob {
  seq: number;
  id: string;
  expiresAt: number;
  jws: string;
}

export interface Queue {
  /** Whether this id is queued, or was settled lately. */
  knows(id: string): boolean;
  isFull(): boolean;
  /** The last sequence given out; a fresh mailbox begins at the clock (docs/decisions/003). */
  lastSequence(): number;
  /** Stores jobs in one transaction; returns those for which there is no room. */
  append(jobs: readonly SignedJob[]): SignedJob[];
  /** Gives every queued job, in order, what `jobs` says in place of what it was, and never again a sequence up to `after`. */
  replaceAll(jobs: readonly SignedJob[], after: number): void;
  /** The first job behind `seq`. */
  next(seq: number): { seq: number; bytes: number; jws: string } | undefined;
  all(): SignedJob[];
  /** Jobs up to `seq`, which the device has been sent. */
  upTo(seq: number): { jobs: number; bytes: number };
  /** The device holds everything up to `seq`. */
  settle(seq: number): void;
  /** The device will never take this job. Returns false when it is not here. */
  refuse(seq: number, code: RefusalCode): boolean;
  /** Gives up what is too old. Returns when to come back, or null when there is nothing to come back for. */
  sweep(): number | null;
  counts(): { jobs: number; bytes: number; refused: number };
}

/** A repetition by Telegram comes within a day; an hour more for clocks. Longer would be wrong: it may start its ids anew after a week. */
const settledLifetimeMs = 25 * 60 * 60 * 1000;
const maxSettled = 10_000;
const sweepIntervalMs = 60 * 60 * 1000;

export function createQueue({ sql, clock }: { sql: Sql; clock: Clock }): Queue {
  let held = countHeld(sql);
  let last = sql.all<{ last: number }>('select last from sequence')[0]?.last;
  let settledSinceTrim = 0;

  const knows = (id: string) =>
    sql.all('select 1 from job where id = ?1 union all select 1 from settled where id = ?1', id).length > 0;

  function lastSequence(): number {
    last ??= Math.floor(clock.now()) - 1;
    return last;
  }

  function keepLast(seq: number): void {
    sql.all('insert into sequence values (1, ?) on conflict do update set last = excluded.last', seq);
  }

  function insert(job: SignedJob): void {
    sql.all('insert into job values (?, ?, ?, ?, ?)', job.seq, job.id, job.expiresAt, job.jws.length, job.jws);
  }

  function append(jobs: readonly SignedJob[]): SignedJob[] {
    const homeless: SignedJob[] = [];
    const after = { ...held };
    const newest = jobs.at(-1)?.seq ?? lastSequence();
    sql.transaction(() => {
      for (const job of jobs) {
        if (after.jobs >= maxMailboxJobs || after.bytes + job.jws.length > maxMailboxBytes) homeless.push(job);
        else {
          insert(job);
          after.jobs += 1;
          after.bytes += job.jws.length;
        }
      }
      keepLast(newest);
    });
    held = after;
    last = newest;
    return homeless;
  }

  function replaceAll(jobs: readonly SignedJob[], after: number): void {
    const newest = Math.max(after, jobs.at(-1)?.seq ?? 0);
    sql.transaction(() => {
      sql.all('delete from job');
      for (const job of jobs) insert(job);
      keepLast(newest);
    });
    held = countHeld(sql);
    last = newest;
  }

  function settle(seq: number): void {
    if (held.jobs === 0) return;
    const gone = sql.transaction(() => {
      sql.all('insert or ignore into settled select seq, id, ? from job where seq <= ?', clock.now(), seq);
      return sql.all<{ bytes: number }>('delete from job where seq <= ? returning bytes', seq);
    });
    release(gone);
    settledSinceTrim += gone.length;
    if (settledSinceTrim > 1000) trimSettled();
  }

  function refuse(seq: number, code: RefusalCode): boolean {
    const gone = sql.transaction(() => {
      sql.all('insert or ignore into settled select seq, id, ? from job where seq = ?', clock.now(), seq);
      const rows = sql.all<{ bytes: number }>('delete from job where seq = ? returning bytes', seq);
      countRefusals(code, rows.length);
      return rows;
    });
    release(gone);
    return gone.length > 0;
  }

  function sweep(): number | null {
    const now = clock.now();
    const gone = sql.transaction(() => {
      const rows = sql.all<{ bytes: number }>('delete from job where expires_at <= ? returning bytes', now);
      countRefusals('lapsed', rows.length);
      return rows;
    });
    release(gone);
    sql.all('delete from settled where at <= ?', now - settledLifetimeMs);
    trimSettled();
    const next = sql.all<{ at: number | null }>('select min(expires_at) as at from job')[0]?.at ?? null;
    if (next !== null) return Math.min(next, now + sweepIntervalMs);
    return sql.all('select 1 from settled limit 1').length > 0 ? now + sweepIntervalMs : null;
  }

  function trimSettled(): void {
    settledSinceTrim = 0;
    sql.all(
      'delete from settled where seq <= (select seq from settled order by seq desc limit 1 offset ?)',
      maxSettled,
    );
  }

  function countRefusals(code: RefusalCode | 'lapsed', count: number): void {
    if (count === 0) return;
    sql.all('insert into refusal values (?, ?) on conflict do update set count = count + excluded.count', code, count);
  }

  function release(rows: readonly { bytes: number }[]): void {
    for (const row of rows) held = { jobs: held.jobs - 1, bytes: held.bytes - row.bytes };
  }

  return {
    knows,
    isFull: () => held.jobs >= maxMailboxJobs || held.bytes >= maxMailboxBytes,
    lastSequence,
    append,
    replaceAll,
    next: (seq) => sql.all<{ seq: number; bytes: number; jws: string }>(nextJob, seq)[0],
    all: () => sql.all<SignedJobRow>(everyJob),
    upTo: (seq) => countHeld(sql, seq),
    settle,
    refuse,
    sweep,
    counts: () => ({ ...held, refused: sql.all<{ n: number }>('select total(count) as n from refusal')[0]?.n ?? 0 }),
  };
}

type SignedJobRow = { seq: number; id: string; expiresAt: number; jws: string };

const nextJob = 'select seq, bytes, jws from job where seq > ? order by seq limit 1';
const everyJob = 'select seq, id, expires_at as expiresAt, jws from job order by seq';

function countHeld(sql: Sql, seq = Number.MAX_SAFE_INTEGER): { jobs: number; bytes: number } {
  const row = sql.all<{ jobs: number; bytes: number }>(
    'select count(*) as jobs, total(bytes) as bytes from job where seq <= ?',
    seq,
  )[0];
  return { jobs: row?.jobs ?? 0, bytes: row?.bytes ?? 0 };
}
