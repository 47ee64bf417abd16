/** What happens to one message between inbox and outbox: identify, decide, open context, recall, run, reply. */
import type { Incoming } from '../core/incoming.ts';
import type { LanguageModel } from '../core/language-model.ts';
import type { Replies } from '../core/replies.ts';
import type { Db } from '../store/database.ts';
import type { Commit } from '../store/group-commit.ts';
import type { InboxRow } from '../store/tables/inbox.ts';
import { recordAudit } from '../trust/audit/record.ts';
import { createIdentify } from '../trust/identify.ts';
import { answerAtOnce, isKnownButton } from './answer-at-once.ts';
import { closeTurn, type Outcome } from './close-turn.ts';
import { hearStranger } from './hear-stranger.ts';
import { openTurn, type Turn } from './open-turn.ts';
import { createRows } from './rows.ts';
import { type RunDeps, runTurn } from './run-turn.ts';

export interface AgentDeps extends Omit<RunDeps, 'rows'> {
  db: Db;
  commit: Commit;
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
  const { db, commit, clock, replies, maxAttempts = 5 } = deps;
  const rows = createRows(db);
  const identify = createIdentify(db);

  return {
    async handle(row, incoming) {
      const { address, sender } = incoming;
      const model = deps.chooseModel();
      if (identify({ channel: address.channel, userId: sender.id }) === undefined) {
        const { claimed, outboxId } = await commit(() =>
          hearStranger(rows, row, incoming, clock.now(), model !== null),
        );
        if (claimed) deps.onOwnerClaimed(address.channel);
        if (outboxId !== undefined) replies.wake(outboxId);
        return;
      }
      if (!isForPryx(incoming) && rows.findTurn(row.id) === undefined)
        return commit(() => rows.finishInbox(row.id, 'ignored', clock.now()));

      const begun = await commit(() => begin(row, incoming, model));
      if (begun === undefined) return;
      const { turn, answered } = begun;
      replies.wake(turn.outboxId);
      if (answered || model === null || incoming.type !== 'message') return;

      const outcome = await runTurn({ ...deps, rows }, model, { turn, incoming }, (text) =>
        replies.preview(turn.outboxId, text),
      );
      if (outcome === undefined) return rows.giveBackAttempt(row);
      await commit(() => closeTurn(rows, turn, outcome, clock.now()));
      replies.wake(turn.outboxId);
      report(turn, outcome);
    },
  };

  /** Opens the turn, and answers it in the same transaction where no model is needed. */
  function begin(row: InboxRow, incoming: Incoming, model: LanguageModel | null) {
    const now = clock.now();
    const turn = openTurn(rows, row, incoming, now);
    if (turn === undefined) return rows.finishInbox(row.id, 'done', now);
    const context = { rows, db, now, hasModel: model !== null, statusText: deps.statusText };
    const outcome = row.attempts > maxAttempts ? abandon(turn, row.attempts) : answerAtOnce(incoming, turn, context);
    if (outcome !== undefined) closeTurn(rows, turn, outcome, now);
    return { turn, answered: outcome !== undefined };
  }

  function abandon(turn: Turn, attempts: number): Outcome {
    recordAudit(db, clock.now(), 'turn.abandoned', { turn: turn.id, inbox: turn.inboxId, attempts });
    const text =
      'I tried several times to answer this, and something went wrong each time, so I leave it. My log may say more (pryx logs).';
    return { answer: { text }, state: 'failed', error: 'internal' };
  }

  function report(turn: Turn, { state, error, provider, model, usage, firstTokenAt }: Outcome): void {
    const sinceStart = (at: number | undefined) => (at === undefined ? undefined : Math.round(at - turn.startedAt));
    deps.log.info('turn.ended', {
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

const isForPryx = (incoming: Incoming): boolean =>
  incoming.type === 'button' ? isKnownButton(incoming.data) : incoming.addressed;
