/**
 * A device may hold a higher sequence than its mailbox ever gave out: the edge lost its storage and its clock went back. What is queued
 * then carries numbers that the device takes for old, so it is numbered and signed anew (docs/decisions/003).
 */
import { decodeJwt } from 'jose';
import { jobClaims } from '../../shared/wire/job.ts';
import type { Sealer } from './ports.ts';
import type { Queue } from './queue.ts';

/** Afterwards every queued job, and every later one, has a sequence above `have`. */
export async function moveBeyond(have: number, { queue, sealer }: { queue: Queue; sealer: Sealer }): Promise<void> {
  while (queue.lastSequence() < have) {
    const last = queue.lastSequence();
    const jobs = await Promise.all(
      queue.all().map(async (job, index) => {
        const seq = have + 1 + index;
        return { ...job, seq, jws: await sealer.sign({ ...jobClaims.parse(decodeJwt(job.jws)), seq }) };
      }),
    );
    // What was stored meanwhile is missing from `jobs`: once more.
    if (queue.lastSequence() === last) queue.renumber(jobs, have);
  }
}
