/** What happens to one message between inbox and outbox: identify, decide, open context, recall, run, reply. */
import { errorCodes } from '../../shared/error.ts';
import type { Incoming } from '../core/incoming.ts';
import type { LanguageModel } from '../core/language-model.ts';
import type { Replies } from '../core/replies.ts';
import type { InboxRow } from '../store/tables/inbox.ts';
import { recordAudit } from '../trust/audit/record.ts';
import { redeemClaim } from '../trust/claim-owner.ts';
import { identify, type Speaker } from '../trust/identify.ts';
import { answerAtOnce, isKnownButton } from './answer-at-once.ts';
import { closeTurn, type Outcome } from './close-turn.ts';
import { welcome } from './commands/start.ts';
import { finishInbox, giveBackAttempt } from './inbox-row.ts';
import { openTurn, takeUpTurn, type Turn } from './open-turn.ts';
import { type RunDeps, runTurn } from './run-turn.ts';

export interface AgentDeps extends RunDeps {
  replies: Replies;
  /** Null: the offline assistant answers (decision 031). Asked once a turn; never waits. */
  chooseModel(): LanguageModel | null;
  /** Somebody became the owner of this channel, and that is durable. */
  onOwnerClaimed(channel: string): void;
  /** How things stand, in a few lines of Markdown. */
  statusText(): string;
  /** How often a message is begun before it is given up: one that kills the daemon must not do so for ever. */
  maxAttempts?: number;
}

export interface Agent {
  /**
   * Carries one inbox row through to its answer. Called one at a time a lane, at least once a row: whatever was done before a crash is
   * found again, and nothing is answered twice. Returns with the row still `new` only when `stop` aborts. Throws what the database throws.
   */
  handle(row: InboxRow, incoming: Incoming): Promise<void>;
}

export function createAgent(deps: AgentDeps): Agent {
  const { db, clock, replies, maxAttempts = 5 } = deps;
  const transact = <Result>(work: () => Result): Result => db.transaction(work, { behavior: 'immediate' });

  return {
    async handle(row, incoming) {
      const speaker = identify(db, speakerOf(incoming));
      if (speaker === undefined) return hearStranger(row, incoming);
      if (!isForPryx(incoming)) return ignore(row);

      const model = deps.chooseModel();
      const begun = transact(() => begin(row, incoming, model));
      if (begun === undefined) return;
      const { turn, answered } = begun;
      replies.wake(turn.outboxId);
      if (answered || model === null || incoming.type !== 'message' || turn.messageId === undefined) return;

      const question = { turn: { ...turn, messageId: turn.messageId }, incoming };
      const outcome = await runTurn(deps, model, question, (text) => replies.preview(turn.outboxId, text));
      if (outcome === undefined) return giveBackAttempt(db, row.id);
      transact(() => closeTurn(db, turn, outcome, clock.now()));
      replies.wake(turn.outboxId);
      report(turn, outcome);
    },
  };

  /** Opens the turn, and answers it in the same transaction where no model is needed. */
  function begin(row: InboxRow, incoming: Incoming, model: LanguageModel | null) {
    const now = clock.now();
    const turn = openTurn(db, row, incoming, now);
    if (turn === undefined) return finishInbox(db, row.id, 'done', now);
    const context = { db, now, hasModel: model !== null, statusText: deps.statusText };
    const outcome = row.attempts > maxAttempts ? abandon(turn, row.attempts) : answerAtOnce(incoming, turn, context);
    if (outcome !== undefined) closeTurn(db, turn, outcome, now);
    return { turn, answered: outcome !== undefined };
  }

  function abandon(turn: Turn, attempts: number): Outcome {
    recordAudit(db, clock.now(), 'turn.abandoned', { turn: turn.id, inbox: turn.inboxId, attempts });
    const text =
      'I tried several times to answer this, and something went wrong each time, so I leave it. My log may say more (pryx logs).';
    return { answer: { text }, state: 'failed', error: 'internal' };
  }

  /** No answer, no model call, no trace of what was said; unless it is the code that makes them the owner. */
  function hearStranger(row: InboxRow, incoming: Incoming): void {
    const now = clock.now();
    const turn = transact(() => {
      const left = takeUpTurn(db, row, incoming, now);
      // They were the owner when it began: what stands in the chat is brought to an end.
      if (left !== undefined) return close(left, errorCodes.unauthorized.chat, 'failed', now);
      const claimed = claim(incoming, now) ? openTurn(db, row, incoming, now) : undefined;
      if (claimed === undefined) return ignore(row);
      return close(claimed, welcome(incoming.sender.name, deps.chooseModel() !== null), 'done', now);
    });
    if (turn === undefined) return;
    if (identify(db, speakerOf(incoming)) !== undefined) deps.onOwnerClaimed(incoming.address.channel);
    replies.wake(turn.outboxId);
  }

  function claim(incoming: Incoming, now: number): boolean {
    const code = codeIn(incoming);
    const { audience, sender } = incoming;
    return code !== undefined && redeemClaim(db, now, { ...speakerOf(incoming), name: sender.name, audience, code });
  }

  function close(turn: Turn, text: string, state: Outcome['state'], now: number): Turn {
    closeTurn(db, turn, { answer: { text }, state, ...(state === 'failed' ? { error: 'unauthorized' } : {}) }, now);
    return turn;
  }

  function ignore(row: InboxRow): undefined {
    finishInbox(db, row.id, 'ignored', clock.now());
  }

  function report(turn: Turn, { state, error, provider, model, usage, firstTokenAt }: Outcome): void {
    const sinceStart = (at: number | undefined) => (at === undefined ? undefined : Math.round(at - turn.startedAt));
    deps.log.info('turn', {
      turn: turn.id,
      state,
      error,
      provider,
      model,
      ms: sinceStart(clock.now()),
      firstTokenMs: sinceStart(firstTokenAt),
      inputTokens: usage?.inputTokens,
      outputTokens: usage?.outputTokens,
    });
  }
}

const speakerOf = ({ address, sender }: Incoming): Speaker => ({ channel: address.channel, userId: sender.id });

const isForPryx = (incoming: Incoming): boolean =>
  incoming.type === 'button' ? isKnownButton(incoming.data) : incoming.addressed;

/** `/start <code>`, as the claim link makes people say it. */
function codeIn(incoming: Incoming): string | undefined {
  if (incoming.type !== 'message' || incoming.command?.name !== 'start') return undefined;
  return /^[\w-]{16,64}$/.test(incoming.command.args) ? incoming.command.args : undefined;
}
