/** A conversation is what is said at one address; it begins with the first message there. */
import { and, eq, sql } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import type { Incoming } from '../core/incoming.ts';
import type { Db } from '../store/database.ts';
import { conversation } from '../store/tables/conversation.ts';

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations(db: Db) {
  const byAddress = db
    .select({ id: conversation.id })
    .from(conversation)
    .where(and(eq(conversation.channel, sql.placeholder('channel')), eq(conversation.key, sql.placeholder('key'))))
    .prepare();

  return {
    find: ({ channel, key }: Address): number | undefined => byAddress.get({ channel, key })?.id,

    /** Its id. */
    open(address: Address, audience: Incoming['audience'], now: number): number {
      const { channel, key } = address;
      const known = byAddress.get({ channel, key })?.id;
      if (known !== undefined) return known;
      const values = { channel, key, audience, createdAt: now };
      return db.insert(conversation).values(values).returning({ id: conversation.id }).get().id;
    },
  };
}
