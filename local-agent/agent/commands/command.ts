/** A command: answered at once, within one transaction, whatever model there is or is not. */
import type { IncomingMessage } from '../../core/incoming.ts';
import type { Db } from '../../store/database.ts';
import type { Answer } from '../answer.ts';

export interface CommandContext {
  db: Db;
  now: number;
  sender: IncomingMessage['sender'];
  /** Whether a model answers; otherwise the offline assistant does. */
  hasModel: boolean;
  statusText(): string;
}

export interface Command {
  name: string;
  /** What it takes, as shown in the help: `<text>`. */
  takes?: string;
  description: string;
  answer(args: string, context: CommandContext): Answer;
}
