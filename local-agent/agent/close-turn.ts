/** The last transaction of a turn: the answer, its place in the transcript, and the end of the inbox row. Call it within a transaction. */
import type { ErrorCode } from '../../shared/error.ts';
import type { Usage } from '../core/language-model.ts';
import type { Answer } from './answer.ts';
import type { Turn } from './open-turn.ts';
import type { Rows } from './rows.ts';

export interface Outcome {
  answer: Answer;
  state: 'done' | 'failed';
  error?: ErrorCode;
  provider?: string;
  model?: string | null;
  usage?: Usage;
  firstTokenAt?: number;
}

export function closeTurn(rows: Rows, turn: Turn, outcome: Outcome, now: number): void {
  const { answer, state, error = null, provider = null, model = null, usage, firstTokenAt = null } = outcome;
  const { inputTokens = null, outputTokens = null } = usage ?? {};
  const end = { state, error, provider, model, inputTokens, outputTokens, firstTokenAt, finishedAt: now };
  // Ended already: an answer that may be on its way is not changed any more.
  if (!rows.endTurn(turn.id, end)) return;
  rows.transcript.append({
    conversationId: turn.conversationId,
    turnId: turn.id,
    role: 'assistant',
    text: answer.text,
    senderId: null,
    senderName: null,
    channelMessageId: null,
    attachments: [],
    at: now,
  });
  rows.fillOutbox(turn.outboxId, answer.text, answer.buttons ?? []);
  rows.finishInbox(turn.inboxId, 'done', now);
}
