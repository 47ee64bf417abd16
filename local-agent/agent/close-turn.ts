/** The last transaction of a turn: the answer, its place in the transcript, and the end of the inbox row. Call it within a transaction. */
import { and, eq } from 'drizzle-orm';
import type { ErrorCode } from '../../shared/error.ts';
import type { Usage } from '../core/language-model.ts';
import type { Db } from '../store/database.ts';
import { turn } from '../store/tables/conversation.ts';
import { outbox } from '../store/tables/outbox.ts';
import { appendMessage } from '../workspaces/transcript.ts';
import type { Answer } from './answer.ts';
import { finishInbox } from './inbox-row.ts';
import type { Turn } from './open-turn.ts';

export interface Outcome {
  answer: Answer;
  state: 'done' | 'failed';
  error?: ErrorCode;
  provider?: string;
  model?: string | null;
  usage?: Usage;
  firstTokenAt?: number;
}

export function closeTurn(
  db: Db,
  { id, inboxId, conversationId, outboxId }: Turn,
  outcome: Outcome,
  now: number,
): void {
  const { answer, state, error, provider, model, usage, firstTokenAt } = outcome;
  const closed = db
    .update(turn)
    .set({ state, error, provider, model, ...usage, firstTokenAt, finishedAt: now })
    .where(and(eq(turn.id, id), eq(turn.state, 'running')))
    .run();
  // Answered already: an answer that may be on its way is not changed any more.
  if (closed.changes === 0) return;
  appendMessage(db, { conversationId, turnId: id, role: 'assistant', text: answer.text, at: now });
  db.update(outbox)
    .set({ text: answer.text, buttons: answer.buttons ?? [] })
    .where(eq(outbox.id, outboxId))
    .run();
  finishInbox(db, inboxId, 'done', now);
}
