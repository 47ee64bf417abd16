/** The first transaction of a turn: from here on a crash leaves rows that say what to do next. Call it within a transaction. */
import { eq } from 'drizzle-orm';
import { laneOf } from '../core/address.ts';
import type { Incoming } from '../core/incoming.ts';
import type { Db } from '../store/database.ts';
import { type TurnRow, turn } from '../store/tables/conversation.ts';
import type { InboxRow } from '../store/tables/inbox.ts';
import { outbox, outboxPart } from '../store/tables/outbox.ts';
import { openConversation } from '../workspaces/conversation.ts';
import { editMessage, messageOfTurn } from '../workspaces/transcript.ts';
import { recordMessage } from './record-message.ts';

export interface Turn {
  id: number;
  inboxId: number;
  conversationId: number;
  outboxId: number;
  /** The user's message; a pressed button has none. */
  messageId: number | undefined;
  startedAt: number;
}

export const dedupeKeyOf = (inboxId: number): string => `turn:${inboxId}`;

/** Undefined when there is nothing to answer: something older was edited, or this row has its answer already. */
export function openTurn(db: Db, row: InboxRow, incoming: Incoming, now: number): Turn | undefined {
  const begun = findTurn(db, row);
  if (begun !== undefined) return begun.state === 'running' ? goOn(db, row, incoming, begun, now) : undefined;
  const conversationId = openConversation(db, incoming.address, incoming.audience, now);
  const messageId = incoming.type === 'message' ? recordMessage(db, conversationId, incoming, now) : undefined;
  if (incoming.type === 'message' && messageId === undefined) return undefined;
  const id = db
    .insert(turn)
    .values({ conversationId, inboxId: row.id, state: 'running', startedAt: now })
    .returning({ id: turn.id })
    .get().id;
  if (messageId !== undefined) editMessage(db, messageId, { turnId: id });
  const outboxId = openOutbox(db, row, incoming, id, now);
  return { id, inboxId: row.id, conversationId, outboxId, messageId, startedAt: now };
}

/** The turn that an earlier run left in the middle, if there is one. */
export function takeUpTurn(db: Db, row: InboxRow, incoming: Incoming, now: number): Turn | undefined {
  const begun = findTurn(db, row);
  return begun?.state === 'running' ? goOn(db, row, incoming, begun, now) : undefined;
}

const findTurn = (db: Db, row: InboxRow): TurnRow | undefined =>
  db.select().from(turn).where(eq(turn.inboxId, row.id)).get();

function goOn(db: Db, row: InboxRow, incoming: Incoming, begun: TurnRow, now: number): Turn {
  const { id, conversationId, startedAt, attempts } = begun;
  db.update(turn)
    .set({ attempts: attempts + 1 })
    .where(eq(turn.id, id))
    .run();
  const outboxId = findOutbox(db, row.id) ?? openOutbox(db, row, incoming, id, now);
  const messageId = messageOfTurn(db, id, 'user')?.id;
  return { id, inboxId: row.id, conversationId, outboxId, messageId, startedAt };
}

const findOutbox = (db: Db, inboxId: number): number | undefined =>
  db
    .select({ id: outbox.id })
    .from(outbox)
    .where(eq(outbox.dedupeKey, dedupeKeyOf(inboxId)))
    .get()?.id;

/** The answer's place, and its first part, which is the placeholder until there is a text. */
function openOutbox(db: Db, row: InboxRow, { address, audience, ...incoming }: Incoming, turnId: number, now: number) {
  // In a group it must be plain to whom Pryx speaks; between two it would be noise.
  const replyTo = audience === 'group' && incoming.type === 'message' ? incoming.messageId : null;
  const { id } = db
    .insert(outbox)
    .values({
      dedupeKey: dedupeKeyOf(row.id),
      lane: laneOf(address),
      address,
      turnId,
      replyTo,
      storedAt: now,
      state: 'open',
    })
    .returning({ id: outbox.id })
    .get();
  db.insert(outboxPart).values({ outboxId: id, part: 0, state: 'new' }).run();
  return id;
}
