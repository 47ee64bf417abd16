/** Each challenge is answered once (WebAuthn, section 13.4.3). They are handed out without being written down; only who answers one leaves a row. */
import { PryxError } from '../../../shared/error.ts';
import type { Clock, Sql } from '../../durable/ports.ts';

/** For how long a challenge is good. */
export const challengeMs = 5 * 60 * 1000;

export interface SpentChallenges {
  /** Throws `unauthorized` the second time. */
  spend(challenge: string): void;
}

export function createSpentChallenges({ sql, clock }: { sql: Sql; clock: Clock }): SpentChallenges {
  return {
    spend(challenge) {
      const now = clock.now();
      sql.all('delete from spent where expires_at <= ?', now);
      const first = sql.all(
        'insert into spent (challenge, expires_at) values (?, ?) on conflict do nothing returning challenge',
        challenge,
        now + challengeMs,
      );
      if (first.length === 0)
        throw new PryxError('unauthorized', 'This page was answered already.', { hint: 'Open it again.' });
    },
  };
}
