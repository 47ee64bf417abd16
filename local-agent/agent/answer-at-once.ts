/** What needs no model: commands, pressed buttons, and everything while there is no model. Call it within a transaction. */
import type { Incoming } from '../core/incoming.ts';
import type { Db } from '../store/database.ts';
import type { Outcome } from './close-turn.ts';
import type { CommandContext } from './commands/command.ts';
import { isForgetButton, pressForget } from './commands/forget.ts';
import { findCommand } from './commands/table.ts';
import { answerOffline } from './offline/answer-offline.ts';
import type { Turn } from './open-turn.ts';
import { quote } from './quote.ts';
import type { Rows } from './rows.ts';

export interface AtOnceContext {
  rows: Rows;
  db: Db;
  now: number;
  hasModel: boolean;
  statusText(): string;
}

/** Undefined when it is for the model. */
export function answerAtOnce(incoming: Incoming, turn: Turn, context: AtOnceContext): Outcome | undefined {
  if (incoming.type === 'button') return { answer: pressForget(context.db, incoming.data), state: 'done' };
  const inContext: CommandContext = { ...context, sender: incoming.sender };
  if (incoming.command !== undefined) {
    const { name, args } = incoming.command;
    const answer = findCommand(name)?.answer(args, inContext) ?? {
      text: `I do not know the command /${quote(name)}. /help shows those that I know.`,
    };
    return { answer, state: 'done' };
  }
  if (context.hasModel || turn.messageId === undefined) return undefined;
  const { conversationId, messageId } = turn;
  const { transcript } = context.rows;
  const firstContact = transcript.latest(conversationId, 'assistant') === undefined;
  const answer = answerOffline(incoming, { ...inContext, transcript, conversationId, messageId, firstContact });
  return { answer, state: 'done', provider: 'offline', model: null };
}

/** A button that nobody knows was made by another version, or by somebody else. */
export const isKnownButton = (data: string): boolean => isForgetButton(data);
