/** What is queued can become void by what happens to edge and device, though its seal is still good: then it is signed anew, not lost. */
import { decodeJwt } from 'jose';
import { type JobClaims, jobClaims } from '../../shared/wire/job.ts';
import type { Sealer } from './ports.ts';
import type { Queue } from './queue.ts';

interface Deps {
  queue: Queue;
  sealer: Pick<Sealer, 'sign'>;
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

async function resign(
  { queue, sealer }: Deps,
  floor: number,
  change: (claims: JobClaims, index: number) => JobClaims,
  done: () => void = () => undefined,
): Promise<void> {
  for (;;) {
    const last = queue.lastSequence();
    const waiting = queue.waiting();
    const jobs = await Promise.all(
      queue.all().map(async (job, index) => {
        const claims = change(jobClaims.parse(decodeJwt(job.jws)), index);
        return { ...job, seq: claims.seq, jws: await sealer.sign(claims) };
      }),
    );
    // What was stored meanwhile is missing from `jobs`, what was signed anew meanwhile is old in it: once more.
    if (queue.lastSequence() === last && queue.waiting() === waiting) {
      queue.renumber(jobs, Math.max(floor, last));
      return done();
    }
  }
}
