/** Somebody whom Pryx does not know: no answer, no model call, no trace of what was said; unless it is the code that makes them the owner. */
import { errorCodes } from '../../shared/error.ts';
import type { Incoming } from '../core/incoming.ts';
import type { InboxRow } from '../store/tables/inbox.ts';
import { redeemClaim } from '../trust/claim-owner.ts';
import { closeTurn } from './close-turn.ts';
import { welcome } from './commands/start.ts';
import { openTurn, takeUpTurn } from './open-turn.ts';
import type { Rows } from './rows.ts';

export interface Heard {
  /** They own the channel now. */
  claimed: boolean;
  /** There is something to say to them. */
  outboxId: number | undefined;
}

/** Ends the inbox row. Call it within a transaction. */
export function hearStranger(rows: Rows, row: InboxRow, incoming: Incoming, now: number, hasModel: boolean): Heard {
  const left = takeUpTurn(rows, row, incoming, now);
  if (left !== undefined) {
    // They were the owner when it began: what stands in the chat is brought to an end.
    const answer = { text: errorCodes.unauthorized.chat };
    closeTurn(rows, left, { answer, state: 'failed', error: 'unauthorized' }, now);
    return { claimed: false, outboxId: left.outboxId };
  }
  if (!claims(rows, incoming, now)) {
    rows.finishInbox(row.id, 'ignored', now);
    return { claimed: false, outboxId: undefined };
  }
  const turn = openTurn(rows, row, incoming, now);
  if (turn === undefined) rows.finishInbox(row.id, 'done', now);
  else closeTurn(rows, turn, { answer: { text: welcome(incoming.sender.name, hasModel) }, state: 'done' }, now);
  return { claimed: true, outboxId: turn?.outboxId };
}

/** `/start <code>`, as the claim link makes people say it. */
function claims({ db }: Rows, incoming: Incoming, now: number): boolean {
  if (incoming.type !== 'message' || incoming.command?.name !== 'start') return false;
  const { address, audience, sender } = incoming;
  const code = incoming.command.args;
  if (!/^[\w-]{16,64}$/.test(code)) return false;
  return redeemClaim(db, now, { channel: address.channel, userId: sender.id, name: sender.name, audience, code });
}
