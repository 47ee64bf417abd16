/** What an edge says of this device and of its own keys, and what comes of it: durable before it counts, and in the audit. */
import type { Clock } from '../core/clock.ts';
import type { EdgeSocketEvents } from '../core/edge-socket.ts';
import type { Log } from '../core/log.ts';
import type { Db } from '../store/database.ts';
import { pinStatement, readEdge } from '../store/device-keys.ts';
import { endSession } from '../store/edge-session.ts';
import { recordAudit } from '../trust/audit/record.ts';
import { judgeKeys } from './accept-keys.ts';
import type { Access, EdgeSession, RevocationSeen } from './session.ts';
import type { EdgeTrust } from './verify-job.ts';

export interface FollowDeps {
  db: Db;
  clock: Clock;
  log: Log;
  /** The edge in force. */
  origin: string;
  /** Puts everything together anew, from what the database says by then; returns at once. */
  reload(): void;
}

/** What the edge makes of the access with which the link was asked for. */
export function watchAccess(
  session: EdgeSession,
  access: Access | undefined,
  events: EdgeSocketEvents,
): EdgeSocketEvents {
  if (access === undefined) return events;
  return {
    ...events,
    opened() {
      session.taken(access.accessToken);
      events.opened();
    },
    closed(reason) {
      if (reason.errorCode === 'not_paired') session.refused(access.accessToken);
      if (reason.errorCode === 'revoked') session.revoked(access.pairedAt);
      events.closed(reason);
    },
  };
}

/**
 * Its tokens are deleted, and it does not call again by itself, also after a restart. What cannot be written down, on a full disk for instance,
 * is told again by the edge at the next start.
 */
export function forgetPairing(
  { db, clock, log, origin, reload }: FollowDeps,
  pairedAt: number,
  seen: RevocationSeen,
): void {
  const now = clock.now();
  try {
    const ended = db.transaction(() => {
      const mine = endSession(db, origin, pairedAt, now);
      if (mine) recordAudit(db, now, 'edge.revoked', { edge: origin, seen });
      return mine;
    });
    if (!ended) return;
  } catch (error) {
    log.error('edge.revocation_not_kept', error);
    return;
  }
  log.warn('edge.revoked', { edge: origin, seen });
  // The channels have to know as well: what they registered there is gone.
  reload();
}

/** So many refusals are told of; an edge that goes on and on fills no audit. */
const mostAlarms = 32;

/** Follows statements about the edge's keys for one connection after the other. Throws when what was accepted cannot be kept. */
export function createKeyFollower({ db, clock, log, origin }: FollowDeps, initial: EdgeTrust) {
  let trust = initial;
  /** Told of already: an edge says the same at each greeting. */
  const alarms = new Set<string>();
  return {
    trust: (): EdgeTrust => trust,
    /** Keys that a pinned one introduces are pinned before anything is judged by them. `undefined` when nothing changes. */
    accept(statement: string): EdgeTrust | undefined {
      const now = clock.now();
      const verdict = judgeKeys(statement, trust, readEdge(db, origin)?.statement ?? 0);
      if (verdict.ok) {
        const { n, keys } = verdict;
        db.transaction(() => {
          pinStatement(db, { origin, n, keys }, now);
          recordAudit(db, now, 'edge.keys_changed', { n });
        });
        log.info('edge.keys_changed', { n });
        trust = verdict.trust;
        return trust;
      }
      if (verdict.code === 'known' || alarms.has(statement) || alarms.size >= mostAlarms) return undefined;
      alarms.add(statement);
      recordAudit(db, now, 'edge.keys_refused', { why: verdict.code });
      log.warn('edge.keys_refused', { why: verdict.code });
      return undefined;
    },
  };
}
