/** Asks the model and says what came of it. No transaction is open meanwhile, and no failure is thrown: it is an outcome. */
import { PryxError, chatSentence, toPryxError } from '../../shared/error.ts';
import type { Clock } from '../core/clock.ts';
import type { IncomingMessage } from '../core/incoming.ts';
import type { ChatMessage, LanguageModel, Usage } from '../core/language-model.ts';
import type { Log } from '../core/log.ts';
import { recall } from '../memory/recall.ts';
import { ModelError } from '../models/model-error.ts';
import type { Db } from '../store/database.ts';
import type { Outcome } from './close-turn.ts';
import type { Turn } from './open-turn.ts';
import { buildPrompt } from './prompt.ts';
import type { Rows } from './rows.ts';

export interface RunDeps {
  rows: Rows;
  clock: Clock;
  log: Log;
  /** Aborts when the daemon shuts down. */
  stop: AbortSignal;
}

/** How much of the conversation goes along, in characters: less when the model cannot read that much. */
const transcriptBudgets = [16_000, 4_000, 0];
const maxRecalled = 8;
/** Of all recalled memories together, in characters; the best one goes along in any case. */
const recallBudget = 6000;
/** A model that does not come to an end is cut off here, in characters. */
const longestAnswer = 40_000;

export interface Question {
  turn: Turn;
  incoming: IncomingMessage;
}

/** Undefined when the daemon was stopped: the turn stays as it is, and goes on after the next start. */
export async function runTurn(
  deps: RunDeps,
  model: LanguageModel,
  question: Question,
  preview: (text: string) => void,
): Promise<Outcome | undefined> {
  const heard: Heard = { text: '', firstTokenAt: undefined, reason: undefined, usage: undefined };
  try {
    await ask(deps, model, question, heard, preview);
  } catch (error) {
    if (deps.stop.aborted) return undefined;
    deps.log.error('turn.model_failed', error, { turn: question.turn.id });
    return failure(toPryxError(error), heard, model);
  }
  const text = heard.text.trim();
  if (text === '') return failure(new ModelError('model_refused', 'The model answered nothing.'), heard, model);
  return { answer: { text: text + remarkOn(heard) }, state: 'done', ...measured(heard, model) };
}

interface Heard {
  text: string;
  firstTokenAt: number | undefined;
  reason: 'stop' | 'length' | 'filtered' | 'other' | undefined;
  usage: Usage | undefined;
}

async function ask(
  deps: RunDeps,
  model: LanguageModel,
  question: Question,
  heard: Heard,
  preview: (text: string) => void,
) {
  for (const [index, budget] of transcriptBudgets.entries()) {
    try {
      const messages = promptFor(deps, question, budget);
      for await (const event of model.stream({ messages, signal: deps.stop })) {
        if (event.type === 'finish') {
          heard.reason = event.reason;
          heard.usage = event.usage;
          continue;
        }
        heard.firstTokenAt ??= deps.clock.now();
        heard.text += event.text;
        preview(heard.text);
        if (heard.text.length > longestAnswer) {
          heard.reason = 'length';
          break;
        }
      }
      return;
    } catch (error) {
      const last = index === transcriptBudgets.length - 1;
      if (last || !(error instanceof ModelError) || !error.promptTooLong) throw error;
    }
  }
}

function promptFor({ rows, clock }: RunDeps, { turn, incoming }: Question, budget: number): ChatMessage[] {
  const { audience, sender, replyTo, text } = incoming;
  if (turn.messageId === undefined) throw new PryxError('internal', 'The message of this turn is gone.');
  // What the owner told Pryx in private is not brought up by itself where others read along (decision 032).
  const memories = audience === 'private' ? memoriesFor(rows.db, text) : [];
  const transcript = rows.transcript.read(turn.conversationId, turn.messageId, budget);
  return buildPrompt({ now: clock.now(), name: sender.name, audience, memories, transcript, replyTo });
}

function memoriesFor(db: Db, text: string): string[] {
  let left = recallBudget;
  return recall(db, text, maxRecalled)
    .map((memory) => memory.text)
    .filter((memory, index) => (left -= memory.length) >= 0 || index === 0);
}

const measured = ({ usage, firstTokenAt }: Heard, { provider, model }: LanguageModel) => ({
  provider,
  model,
  ...(usage === undefined ? {} : { usage }),
  ...(firstTokenAt === undefined ? {} : { firstTokenAt }),
});

function remarkOn({ reason }: Heard): string {
  if (reason === 'length') return '…\n\n(My answer ran into its length limit here.)';
  if (reason === 'filtered') return '\n\n(The model provider stopped my answer here.)';
  return '';
}

/** What was said before it broke off has been seen, so it stays. */
function failure(error: PryxError, heard: Heard, model: LanguageModel): Outcome {
  const sentence = chatSentence(error);
  const hint = error.hint === undefined || sentence.includes(error.hint) ? '' : ` ${error.hint}`;
  const said = heard.text.trim();
  const text = said === '' ? sentence + hint : `${said}…\n\n(${sentence}${hint})`;
  return { answer: { text }, state: 'failed', error: error.code, ...measured(heard, model) };
}
