/** The first transaction of a turn: from here on a crash leaves rows that say what to do next. Call it within a transaction. */
import type { Incoming } from '../core/incoming.ts';
import type { TurnRow } from '../store/tables/conversation.ts';
import type { InboxRow } from '../store/tables/inbox.ts';
import { recordMessage } from './record-message.ts';
import type { Rows } from './rows.ts';

export interface Turn {
  id: number;
  inboxId: number;
  conversationId: number;
  outboxId: number;
  /** The user's message; a pressed button has none. */
  messageId: number | undefined;
  startedAt: number;
}

/** Undefined when there is nothing to answer: something older was edited, or this row has its answer already. */
export function openTurn(rows: Rows, row: InboxRow, incoming: Incoming, now: number): Turn | undefined {
  const begun = rows.findTurn(row.id);
  if (begun !== undefined) return begun.state === 'running' ? goOn(rows, incoming, begun, now) : undefined;
  const { conversations, transcript } = rows;
  const conversationId = conversations.open(incoming.address, incoming.audience, now);
  let id: number | undefined;
  const begin = (): number => (id = rows.insertTurn(conversationId, row.id, now));
  const messageId =
    incoming.type === 'message' ? recordMessage(transcript, conversationId, incoming, now, begin) : undefined;
  if (incoming.type === 'button') begin();
  if (id === undefined) return undefined;
  return {
    id,
    inboxId: row.id,
    conversationId,
    outboxId: openOutbox(rows, row.id, incoming, id, now),
    messageId,
    startedAt: now,
  };
}

/** The turn that an earlier run left in the middle, if there is one. */
export function takeUpTurn(rows: Rows, row: InboxRow, incoming: Incoming, now: number): Turn | undefined {
  const begun = rows.findTurn(row.id);
  return begun?.state === 'running' ? goOn(rows, incoming, begun, now) : undefined;
}

function goOn(rows: Rows, incoming: Incoming, begun: TurnRow, now: number): Turn {
  const { id, inboxId, conversationId, startedAt } = begun;
  rows.countAttempt(begun);
  const outboxId = rows.findOutbox(dedupeKeyOf(inboxId)) ?? openOutbox(rows, inboxId, incoming, id, now);
  const messageId = rows.transcript.ofTurn(id, 'user')?.id;
  return { id, inboxId, conversationId, outboxId, messageId, startedAt };
}

function openOutbox(rows: Rows, inboxId: number, incoming: Incoming, turnId: number, now: number): number {
  // In a group it must be plain to whom Pryx speaks; between two it would be noise.
  const replyTo = incoming.audience === 'group' && incoming.type === 'message' ? incoming.messageId : null;
  return rows.openOutbox(dedupeKeyOf(inboxId), incoming.address, turnId, replyTo, now);
}

const dedupeKeyOf = (inboxId: number): string => `turn:${inboxId}`;
