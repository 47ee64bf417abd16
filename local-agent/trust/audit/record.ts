/** Appends one line to the audit. Call it inside the transaction whose effect it tells of. */
import type { Db } from '../../store/database.ts';
import { audit } from '../../store/tables/audit.ts';

export type AuditEvent =
  | 'job.refused'
  | 'owner.claimed'
  | 'owner.claim_refused'
  | 'edge.paired'
  | 'edge.revoked'
  | 'edge.keys_changed'
  | 'edge.keys_refused'
  | 'channel.registered'
  | 'turn.abandoned'
  | 'send.failed'
  | 'send.in_doubt'
  | 'database.set_aside';

export function recordAudit(
  db: Db,
  at: number,
  event: AuditEvent,
  detail: Record<string, string | number | boolean | null> = {},
): void {
  db.insert(audit).values({ at, event, detail }).run();
}
