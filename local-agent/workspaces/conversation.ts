/** A conversation is what is said at one address; it begins with the first message there. */
import { and, eq } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import type { Incoming } from '../core/incoming.ts';
import type { Db } from '../store/database.ts';
import { conversation } from '../store/tables/conversation.ts';

export function findConversation(db: Db, { channel, key }: Address): number | undefined {
  const at = and(eq(conversation.channel, channel), eq(conversation.key, key));
  return db.select({ id: conversation.id }).from(conversation).where(at).get()?.id;
}

/** Its id. */
export function openConversation(db: Db, address: Address, audience: Incoming['audience'], now: number): number {
  const known = findConversation(db, address);
  if (known !== undefined) return known;
  const { channel, key } = address;
  const values = { channel, key, audience, createdAt: now };
  return db.insert(conversation).values(values).returning({ id: conversation.id }).get().id;
}
