/** The proofs that were used at the token endpoint (RFC 9449, section 11.1): each once. Only devices with a code or a token get this far. */
import { proofMemoryMs } from '../../../shared/dpop.ts';
import { PryxError } from '../../../shared/error.ts';
import type { Clock, Sql } from '../../durable/ports.ts';

export interface Proofs {
  /** Throws `bad_proof` when it was taken before, `rate_limited` when there are too many of this device to remember. */
  take(proof: { deviceId: string; proofId: string }): void;
  sweep(): void;
}

/** Twice what a device needs that polls for ten minutes. */
export const maxProofs = 256;

export function createProofs({ sql, clock }: { sql: Sql; clock: Clock }): Proofs {
  return {
    take({ deviceId, proofId }) {
      const now = clock.now();
      sql.all('delete from proof where device = ? and expires_at <= ?', deviceId, now);
      const fresh = sql.all(
        `insert into proof select ?, ?, ? where (select count(*) from proof where device = ?) < ?
          on conflict do nothing returning id`,
        deviceId,
        proofId,
        now + proofMemoryMs,
        deviceId,
        maxProofs,
      );
      if (fresh.length > 0) return;
      if (sql.all('select 1 from proof where device = ? and id = ?', deviceId, proofId).length > 0)
        throw new PryxError('bad_proof', 'This proof was used before.', { hint: 'Make a new proof for each request.' });
      throw new PryxError('rate_limited', 'Too many requests by one device.', { hint: 'Wait some minutes.' });
    },
    sweep: () => void sql.all('delete from proof where expires_at <= ?', clock.now()),
  };
}
