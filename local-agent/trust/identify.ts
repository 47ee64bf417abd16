/** Who speaks: the owner, or nobody that Pryx knows. */
import { and, eq, ne, sql } from 'drizzle-orm';
import type { Db } from '../store/database.ts';
import { principal } from '../store/tables/identity.ts';
import { recordAudit } from './audit/record.ts';

export interface Speaker {
  channel: string;
  userId: string;
}

export interface Principal {
  role: 'owner';
  name: string;
}

/** Asked for every message, so prepared once. */
export function createIdentify(db: Db): (speaker: Speaker) => Principal | undefined {
  const { role, name } = principal;
  const bySpeaker = db
    .select({ role, name })
    .from(principal)
    .where(and(eq(principal.channel, sql.placeholder('channel')), eq(principal.userId, sql.placeholder('userId'))))
    .prepare();
  return ({ channel, userId }) => bySpeaker.get({ channel, userId });
}

/** The owner's user ids in a channel; none when nobody owns it yet. */
export const ownersOf = (db: Db, channel: string): string[] =>
  db
    .select({ userId: principal.userId })
    .from(principal)
    .where(eq(principal.channel, channel))
    .all()
    .map(({ userId }) => userId);

/** What the settings say holds: whoever owned the channel before, by settings or by claim, does so no more. */
export function setOwner(db: Db, { channel, userId }: Speaker, now: number): void {
  db.transaction(
    () => {
      db.delete(principal)
        .where(and(eq(principal.channel, channel), ne(principal.userId, userId)))
        .run();
      const added = db
        .insert(principal)
        .values({ channel, userId, name: '', role: 'owner', createdAt: now })
        .onConflictDoNothing()
        .run();
      if (added.changes > 0) recordAudit(db, now, 'owner.claimed', { channel, userId, by: 'settings' });
    },
    { behavior: 'immediate' },
  );
}
