/** What is queued can become void by what happens to edge and device, though its seal is still good: then it is signed anew, not lost. */
import { decodeJwt } from 'jose';
import { type JobClaims, jobClaims } from '../../shared/wire/job.ts';
import type { Sealer } from './ports.ts';
import type { Queue, QueuedJob, SignedJob } from './queue.ts';

interface Deps {
  queue: Queue;
  sealer: Pick<Sealer, 'sign' | 'signer'>;
}

/**
 * Afterwards every queued job, and every later one, has a sequence above `have`. A device may hold a higher one than its mailbox ever gave
 * out, when the edge lost its storage and its clock went back: it would take what is queued for old (docs/decisions/003).
 */
export async function moveBeyond(have: number, deps: Deps): Promise<void> {
  if (have <= deps.queue.lastSequence()) return;
  await resign(deps, have, (claims, index) => ({ ...claims, seq: have + 1 + index }));
}

/**
 * Afterwards every queued job is by `issuer`: the device knows its edge by another address now, and takes jobs of no other. `moved` notes
 * the address in the same breath and not before: were it noted first, an end in between would leave jobs that nobody signs anew.
 */
export async function changeIssuer(issuer: string, deps: Deps, moved: () => void): Promise<void> {
  if (deps.queue.waiting().length > 0) await resign(deps, 0, (claims) => ({ ...claims, iss: issuer }), moved);
  else moved();
}

/**
 * Afterwards every queued job is signed by the edge's present key. Another one may be pinned no more by the time that the job comes to the
 * device (docs/decisions/052).
 */
export async function renewSignatures({ queue, sealer }: Deps): Promise<void> {
  const { kid } = await sealer.signer();
  for (let done = 0; !queue.isSignedBy(kid); ) {
    const waiting = queue.waiting();
    const upTo = lastOfBatch(waiting, done);
    const complete = upTo === (waiting.at(-1)?.seq ?? upTo);
    const jobs = await Promise.all(
      queue.between(done, upTo).map(async (job) => ({ ...job, jws: await sealer.sign(readClaims(job)) })),
    );
    // What was numbered or named anew meanwhile is signed anew with it, and is newer than what is here.
    if (queue.isSignedBy(kid)) return;
    // What was stored meanwhile is signed by this very key.
    queue.replace(jobs, complete ? kid : null);
    done = upTo;
  }
}

/** A mailbox may hold half of the memory that an object has: so little of it is worked on at once. */
const batchBytes = 4 * 1024 * 1024;

function lastOfBatch(waiting: readonly QueuedJob[], after: number): number {
  let bytes = 0;
  let last = after;
  for (const job of waiting) {
    if (job.seq <= after) continue;
    if (last > after && bytes + job.bytes > batchBytes) break;
    bytes += job.bytes;
    last = job.seq;
  }
  return last;
}

const readClaims = (job: SignedJob): JobClaims => jobClaims.parse(decodeJwt(job.jws));

async function resign(
  { queue, sealer }: Deps,
  floor: number,
  change: (claims: JobClaims, index: number) => JobClaims,
  done: () => void = () => undefined,
): Promise<void> {
  for (;;) {
    const last = queue.lastSequence();
    const waiting = queue.waiting();
    const { kid } = await sealer.signer();
    const jobs = await Promise.all(
      queue.all().map(async (job, index) => {
        const claims = change(readClaims(job), index);
        return { ...job, seq: claims.seq, jws: await sealer.sign(claims) };
      }),
    );
    // What was stored meanwhile is missing from `jobs`, what was signed anew meanwhile is old in it: once more.
    if (queue.lastSequence() === last && queue.waiting() === waiting) {
      queue.renumber(jobs, Math.max(floor, last), kid);
      return done();
    }
  }
}
