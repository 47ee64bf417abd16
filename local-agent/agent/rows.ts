/** The rows that the agent reads and writes for one message: prepared once, since every message needs them. */
import { and, eq, gt, sql } from 'drizzle-orm';
import { type Address, laneOf } from '../core/address.ts';
import type { Button } from '../core/channel.ts';
import type { Db } from '../store/database.ts';
import { type TurnRow, turn } from '../store/tables/conversation.ts';
import { type InboxRow, inbox } from '../store/tables/inbox.ts';
import { outbox, outboxPart } from '../store/tables/outbox.ts';
import { createConversations } from '../workspaces/conversation.ts';
import { createTranscript } from '../workspaces/transcript.ts';

const { placeholder } = sql;
const given = (name: string) => sql`${placeholder(name)}`;

export type TurnEnd = Pick<
  TurnRow,
  'state' | 'error' | 'provider' | 'model' | 'inputTokens' | 'outputTokens' | 'firstTokenAt' | 'finishedAt'
>;

export type Rows = ReturnType<typeof createRows>;

export function createRows(db: Db) {
  const byInbox = db
    .select()
    .from(turn)
    .where(eq(turn.inboxId, placeholder('inboxId')))
    .prepare();
  const insertTurn = db
    .insert(turn)
    .values({
      conversationId: placeholder('conversationId'),
      inboxId: placeholder('inboxId'),
      state: 'running',
      startedAt: placeholder('startedAt'),
    })
    .returning({ id: turn.id })
    .prepare();
  const endTurn = db
    .update(turn)
    .set({
      state: given('state'),
      error: given('error'),
      provider: given('provider'),
      model: given('model'),
      inputTokens: given('inputTokens'),
      outputTokens: given('outputTokens'),
      firstTokenAt: given('firstTokenAt'),
      finishedAt: given('finishedAt'),
    })
    .where(and(eq(turn.id, placeholder('id')), eq(turn.state, 'running')))
    .prepare();
  const insertOutbox = db
    .insert(outbox)
    .values({
      dedupeKey: placeholder('dedupeKey'),
      lane: placeholder('lane'),
      address: placeholder('address'),
      turnId: placeholder('turnId'),
      replyTo: placeholder('replyTo'),
      storedAt: placeholder('storedAt'),
      state: 'open',
    })
    .returning({ id: outbox.id })
    .prepare();
  const insertPart = db
    .insert(outboxPart)
    .values({ outboxId: placeholder('outboxId'), part: 0, state: 'new' })
    .prepare();
  const fillOutbox = db
    .update(outbox)
    .set({ text: given('text'), buttons: given('buttons') })
    .where(eq(outbox.id, placeholder('id')))
    .prepare();
  const finishInbox = db
    .update(inbox)
    .set({ state: given('state'), finishedAt: given('finishedAt'), body: Buffer.alloc(0) })
    .where(eq(inbox.id, placeholder('id')))
    .prepare();

  return {
    db,
    conversations: createConversations(db),
    transcript: createTranscript(db),

    findTurn: (inboxId: number): TurnRow | undefined => byInbox.get({ inboxId }),

    /** Its id. */
    insertTurn: (conversationId: number, inboxId: number, startedAt: number): number =>
      insertTurn.get({ conversationId, inboxId, startedAt }).id,

    countAttempt({ id, attempts }: TurnRow): void {
      db.update(turn)
        .set({ attempts: attempts + 1 })
        .where(eq(turn.id, id))
        .run();
    },

    /** False when it was ended already. */
    endTurn: (id: number, end: TurnEnd): boolean => endTurn.run({ ...end, id }).changes > 0,

    findOutbox: (dedupeKey: string): number | undefined =>
      db.select({ id: outbox.id }).from(outbox).where(eq(outbox.dedupeKey, dedupeKey)).get()?.id,

    /** The answer's place, and its first part, which is the placeholder until there is a text. Its id. */
    openOutbox(dedupeKey: string, address: Address, turnId: number, replyTo: string | null, storedAt: number): number {
      const { id } = insertOutbox.get({ dedupeKey, lane: laneOf(address), address, turnId, replyTo, storedAt });
      insertPart.run({ outboxId: id });
      return id;
    },

    fillOutbox(id: number, text: string, buttons: readonly Button[]): void {
      fillOutbox.run({ id, text, buttons: JSON.stringify(buttons) });
    },

    /** The body is emptied: what was said lives in the transcript alone, and of strangers nowhere. */
    finishInbox(id: number, state: 'done' | 'ignored', now: number): void {
      finishInbox.run({ id, state, finishedAt: now });
    },

    /** A daemon that is told to stop while it works on a message has not failed at it: that attempt does not count. */
    giveBackAttempt({ id }: InboxRow): void {
      db.update(inbox)
        .set({ attempts: sql`${inbox.attempts} - 1` })
        .where(and(eq(inbox.id, id), eq(inbox.state, 'new'), gt(inbox.attempts, 0)))
        .run();
    },
  };
}
