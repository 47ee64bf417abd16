/** The sealed jobs that a device has not acknowledged, in order, and the ids of those that it has. Nothing here waits. */
import type { RefusalCode } from '../../shared/wire/frame.ts';
import { maxMailboxBytes, maxMailboxJobs } from '../../shared/wire/limits.ts';
import type { Clock, Sql } from '../durable/ports.ts';

export interface SignedJob {
  seq: number;
  id: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  jws: string;
}

/** What is known of a queued job without reading it. */
export interface QueuedJob {
  seq: number;
  id: string;
  bytes: number;
}

export interface Queue {
  /** Whether this id is queued, or was lately. */
  knows(id: string): boolean;
  isFull(): boolean;
  /** The last sequence given out; a fresh mailbox begins at the clock (docs/decisions/003). */
  lastSequence(): number;
  /** Stores jobs, signed by the key `kid`, in one transaction; returns those for which there is no room. */
  append(jobs: readonly SignedJob[], kid: string): SignedJob[];
  /** Gives every queued job, found by its id, a new sequence and text, signed by the key `kid`; no later one gets a sequence up to `floor`. */
  renumber(jobs: readonly SignedJob[], floor: number, kid: string): void;
  /** Puts other texts in place of queued jobs, found by their ids. `kid`: the key that every queued job is signed by then, if it is one. */
  replace(jobs: readonly SignedJob[], kid: string | null): void;
  /** Whether the key `kid`, and no other, signed what is queued. */
  isSignedBy(kid: string): boolean;
  /** Deletes every job and every id, in one transaction with what `also` does. The sequence goes on. */
  empty(also: () => void): void;
  /** In order. Not to be changed. Another array whenever jobs may have changed otherwise than by coming and going. */
  waiting(): readonly QueuedJob[];
  read(seq: number): string;
  all(): SignedJob[];
  /** Those above `after` and up to `upTo`. */
  between(after: number, upTo: number): SignedJob[];
  /** The device holds everything up to `seq`. */
  settle(seq: number): void;
  /** The device will never take this job. */
  refuse(seq: number, code: RefusalCode): void;
  /** Gives up what is too old. Returns when to come back, or null when there is nothing to come back for. */
  sweep(): number | null;
  counts(): { jobs: number; bytes: number; refused: number };
}

/** Behind the expiry of a job, its id is known for an hour. Much longer would be wrong: Telegram may start its ids anew after a week. */
const memoryMs = 60 * 60 * 1000;
const maxSettled = 10_000;
/** Settled jobs after which the oldest are dropped, without waiting for a sweep. */
const trimAfter = 1000;

/** An acknowledged job is deleted with the next write, which saves it one of its own; or after this long. */
const flushAfterMs = 250;
/** Acknowledged jobs whose deletion may wait for the next write: fewer than may be under way, or a mailbox that forgot them would stall. */
const maxUnflushed = 32;

export function createQueue({ sql, clock }: { sql: Sql; clock: Clock }): Queue {
  // The database is the truth. What is kept here beside it spares a good part of the statements that a job costs.
  let { waiting, ids, bytes } = readQueued(sql);
  let last = readLast(sql);
  /** The key that signed every queued job; null for several, or when it is not known. */
  let signer = readSigner(sql);
  /** Acknowledged, and to be deleted with the next write. Should it be lost, the device says it again when it greets. */
  let done: QueuedJob[] = [];
  let flushing = false;
  let settledSinceTrim = 0;

  function lastSequence(): number {
    last ??= Math.floor(clock.now()) - 1;
    return last;
  }

  function append(jobs: readonly SignedJob[], kid: string): SignedJob[] {
    const homeless: SignedJob[] = [];
    const added: QueuedJob[] = [];
    let total = bytes;
    const signs = signer === kid || waiting.length === 0 ? kid : null;
    sql.transaction(() => {
      deleteDone();
      keepSigner(signs);
      for (const job of jobs) {
        const size = job.jws.length;
        if (waiting.length + added.length >= maxMailboxJobs || total + size > maxMailboxBytes) homeless.push(job);
        else {
          sql.all('insert into job values (?, ?, ?, ?, ?)', job.seq, job.id, job.expiresAt, size, job.jws);
          added.push({ seq: job.seq, id: job.id, bytes: size });
          total += size;
        }
      }
    });
    forgetDone();
    signer = signs;
    waiting.push(...added);
    for (const { id } of added) ids.add(id);
    bytes = total;
    last = jobs.at(-1)?.seq ?? lastSequence();
    return homeless;
  }

  function renumber(jobs: readonly SignedJob[], floor: number, kid: string): void {
    sql.transaction(() => {
      deleteDone();
      keepSigner(kid);
      for (const { seq, id, jws } of jobs)
        sql.all('update job set seq = ?, bytes = ?, jws = ? where id = ?', seq, jws.length, jws, id);
      keepFloor(floor);
    });
    forgetDone();
    ({ waiting, ids, bytes } = readQueued(sql));
    signer = kid;
    last = Math.max(floor, jobs.at(-1)?.seq ?? 0);
  }

  function replace(jobs: readonly SignedJob[], kid: string | null): void {
    sql.transaction(() => {
      deleteDone();
      keepSigner(kid);
      for (const { id, jws } of jobs) sql.all('update job set bytes = ?, jws = ? where id = ?', jws.length, jws, id);
    });
    forgetDone();
    ({ waiting, ids, bytes } = readQueued(sql));
    signer = kid;
  }

  function empty(also: () => void): void {
    sql.transaction(() => {
      keepFloor(lastSequence());
      sql.all('delete from job');
      sql.all('delete from settled');
      also();
    });
    done = [];
    ({ waiting, ids, bytes } = readQueued(sql));
  }

  function settle(seq: number): void {
    const first = waiting.findIndex((job) => job.seq > seq);
    const settled = waiting.splice(0, first === -1 ? waiting.length : first);
    if (settled.length === 0) return;
    bytes -= sum(settled);
    done.push(...settled);
    if (done.length >= maxUnflushed) flush();
    else if (!flushing) void flushLater();
  }

  async function flushLater(): Promise<void> {
    flushing = true;
    await clock.sleep(flushAfterMs);
    flushing = false;
    try {
      flush();
    } catch {
      // Nobody waits for this one: what it was to delete goes with the next write, or with the sweep.
    }
  }

  function flush(): void {
    if (done.length === 0) return;
    deleteDone();
    forgetDone();
    if (settledSinceTrim >= trimAfter) trim();
  }

  function deleteDone(): void {
    const newest = done.at(-1);
    if (newest !== undefined) sql.all('delete from job where seq <= ?', newest.seq);
  }

  function forgetDone(): void {
    for (const { id } of done) ids.delete(id);
    settledSinceTrim += done.length;
    done = [];
  }

  function refuse(seq: number, code: RefusalCode): void {
    const index = waiting.findIndex((job) => job.seq === seq);
    if (index === -1) return;
    sql.transaction(() => {
      sql.all('delete from job where seq = ?', seq);
      countRefusals(code, 1);
    });
    for (const job of waiting.splice(index, 1)) {
      bytes -= job.bytes;
      ids.delete(job.id);
    }
  }

  function sweep(): number | null {
    const now = clock.now();
    sql.transaction(() => {
      deleteDone();
      const lapsed = sql.all('delete from job where expires_at <= ? returning seq', now);
      if (lapsed.length > 0) countRefusals('lapsed', lapsed.length);
      keepFloor(lastSequence());
      sql.all('delete from settled where expires_at <= ?', now - memoryMs);
      trim();
    });
    forgetDone();
    ({ waiting, ids, bytes } = readQueued(sql));
    const next = sql.all<{ at: number | null }>(
      'select min(at) as at from (select min(expires_at) as at from job union all select min(expires_at) + ? from settled)',
      memoryMs,
    );
    return next[0]?.at ?? null;
  }

  function trim(): void {
    settledSinceTrim = 0;
    sql.all(
      'delete from settled where seq <= (select seq from settled order by seq desc limit 1 offset ?)',
      maxSettled,
    );
  }

  function keepFloor(floor: number): void {
    sql.all('insert into sequence values (1, ?) on conflict do update set floor = excluded.floor', floor);
  }

  function keepSigner(kid: string | null): void {
    if (kid !== signer) sql.all('insert into signer values (1, ?) on conflict do update set kid = excluded.kid', kid);
  }

  function countRefusals(code: RefusalCode | 'lapsed', count: number): void {
    sql.all('insert into refusal values (?, ?) on conflict do update set count = count + excluded.count', code, count);
  }

  return {
    knows: (id) => ids.has(id) || sql.all('select 1 from settled where id = ?', id).length > 0,
    isFull: () => waiting.length >= maxMailboxJobs || bytes >= maxMailboxBytes,
    lastSequence,
    append,
    renumber,
    replace,
    isSignedBy: (kid) => waiting.length === 0 || signer === kid,
    empty,
    waiting: () => waiting,
    read: (seq) => sql.all<{ jws: string }>('select jws from job where seq = ?', seq)[0]?.jws ?? '',
    all: () => sql.all<SignedJobRow>(`${selectJobs} order by seq`),
    between: (after, upTo) =>
      sql.all<SignedJobRow>(`${selectJobs} where seq > ? and seq <= ? order by seq`, after, upTo),
    settle,
    refuse,
    sweep,
    counts: () => ({
      jobs: waiting.length,
      bytes,
      refused: sql.all<{ n: number }>('select total(count) as n from refusal')[0]?.n ?? 0,
    }),
  };
}

const selectJobs = 'select seq, id, expires_at as expiresAt, jws from job';
type SignedJobRow = { seq: number; id: string; expiresAt: number; jws: string };

const sum = (jobs: readonly QueuedJob[]): number => jobs.reduce((total, job) => total + job.bytes, 0);

function readQueued(sql: Sql): { waiting: QueuedJob[]; ids: Set<string>; bytes: number } {
  const waiting = sql.all<{ seq: number; id: string; bytes: number }>('select seq, id, bytes from job order by seq');
  return { waiting, ids: new Set(waiting.map(({ id }) => id)), bytes: sum(waiting) };
}

function readSigner(sql: Sql): string | null {
  return sql.all<{ kid: string | null }>('select kid from signer')[0]?.kid ?? null;
}

function readLast(sql: Sql): number | undefined {
  const row = sql.all<{ last: number | null }>(
    `select max(last) as last from (
      select max(seq) as last from job union all select max(seq) from settled union all select floor from sequence
    )`,
  )[0];
  return row?.last ?? undefined;
}
