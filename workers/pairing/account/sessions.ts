/** Who is signed in, and for how long that is good for what. Only digests of the cookies are kept. */
import { PryxError } from '../../../shared/error.ts';
import type { Clock, Sql } from '../../durable/ports.ts';

export interface SessionView {
  /** A recovery code began it: good for looking, and for adding a passkey. */
  recovered: boolean;
  /** For how many milliseconds more the passkey that was used last counts as being at hand; 0: it has to be used again. */
  freshMs: number;
}

export interface ListedSession {
  agent: string;
  createdAt: number;
  expiresAt: number;
  recovered: boolean;
  /** The one that asks. */
  current: boolean;
}

export interface Sessions {
  find(digest: string): SessionView | undefined;
  /** Throws `unauthorized` when there is none. */
  require(digest: string): SessionView;
  /** For what decides over keys. Throws `unauthorized` when no passkey was used in it within five minutes. */
  requireFresh(digest: string): void;
  /** `passkey`: null when a recovery code lets somebody in. */
  begin(session: { digest: string; agent: string; passkey: string | null }): void;
  list(current: string): ListedSession[];
  end(digest: string): void;
  /** Those that this passkey began, but for the one that asks. */
  endOf(passkey: string, but: string): void;
  endAll(): void;
}

const hourMs = 60 * 60 * 1000;
export const sessionMs = 12 * hourMs;
/** Long enough to find the new phone. */
const recoveredSessionMs = hourMs / 2;
export const freshMs = 5 * 60 * 1000;
const maxSessions = 50;

interface Row extends Record<string, string | number | null> {
  digest: string;
  agent: string;
  createdAt: number;
  verifiedAt: number | null;
  expiresAt: number;
}

const columns = 'digest, agent, created_at as createdAt, verified_at as verifiedAt, expires_at as expiresAt';

export function createSessions({ sql, clock }: { sql: Sql; clock: Clock }): Sessions {
  function find(digest: string): SessionView | undefined {
    const row = sql.all<Row>(
      `select ${columns} from session where digest = ? and expires_at > ?`,
      digest,
      clock.now(),
    )[0];
    return row && describe(row);
  }

  function describe({ verifiedAt }: Row): SessionView {
    const fresh = verifiedAt === null ? 0 : verifiedAt + freshMs - clock.now();
    return { recovered: verifiedAt === null, freshMs: Math.max(0, fresh) };
  }

  function require(digest: string): SessionView {
    const session = find(digest);
    if (session === undefined)
      throw new PryxError('unauthorized', 'You are not signed in any more.', { hint: 'Sign in again.' });
    return session;
  }

  return {
    find,
    require,
    requireFresh(digest) {
      if (require(digest).freshMs === 0)
        throw new PryxError('unauthorized', 'This needs a passkey that was used just now.', { hint: 'Sign in again.' });
    },
    begin({ digest, agent, passkey }) {
      const now = clock.now();
      sql.all('delete from session where expires_at <= ?', now);
      sql.all(
        'insert into session (digest, agent, passkey, created_at, verified_at, expires_at) values (?, ?, ?, ?, ?, ?)',
        digest,
        agent,
        passkey,
        now,
        passkey === null ? null : now,
        now + (passkey === null ? recoveredSessionMs : sessionMs),
      );
      sql.all(
        'delete from session where digest not in (select digest from session order by created_at desc, digest limit ?)',
        maxSessions,
      );
    },
    list: (current) =>
      sql
        .all<Row>(`select ${columns} from session where expires_at > ? order by created_at desc`, clock.now())
        .map(({ digest, agent, createdAt, expiresAt, verifiedAt }) => ({
          agent,
          createdAt,
          expiresAt,
          recovered: verifiedAt === null,
          current: digest === current,
        })),
    end: (digest) => void sql.all('delete from session where digest = ?', digest),
    endOf: (passkey, but) => void sql.all('delete from session where passkey = ? and digest <> ?', passkey, but),
    endAll: () => void sql.all('delete from session'),
  };
}
