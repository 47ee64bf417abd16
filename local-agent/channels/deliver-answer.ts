/**
 * Delivers one answer so that a crash or a lost reply at any point neither loses nor doubles it (docs/decisions/040).
 *
 * A channel like Telegram has no idempotency key for sending, but editing is idempotent. So every message goes in two steps: a placeholder
 * is sent and its id recorded; then the placeholder is edited into the text. Only the placeholder can ever be sent twice, never the answer.
 */
import type { Channel, Content, Delivery } from '../core/channel.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Db } from '../store/database.ts';
import type { Commit } from '../store/group-commit.ts';
import type { OutboxPartRow, OutboxRow } from '../store/tables/outbox.ts';
import type { Draft } from './draft.ts';
import { createOutboxRows } from './outbox-rows.ts';

export interface DeliveryDeps {
  db: Db;
  commit: Commit;
  channels: ReadonlyMap<string, Channel>;
  clock: Clock;
  random: Random;
  log: Log;
  stopping: AbortSignal;
  /** Aborts some seconds later, when nothing is waited for any more. */
  leaving: AbortSignal;
}

/** An answer that could not be delivered in a day is given up, as Telegram does with updates. */
const giveUpAfterMs = 24 * 60 * 60 * 1000;
/** How many placeholders of one message may stand without our knowing their ids. */
const mostInDoubt = 5;
const mostLost = 3;
const requestTimeoutMs = 30_000;
const typingEveryMs = 4_500;
const restAfterStartMs = 1_000;
/** An answer that is whole by then needs no preview: an edit spent on one would hold it back. */
const firstPreviewMs = 1_000;

export function createDelivery({ db, commit, channels, clock, random, log, stopping, leaving }: DeliveryDeps) {
  const rows = createOutboxRows(db, clock, commit);
  const startedAt = clock.now();

  async function deliver(id: number, draft: Draft): Promise<void> {
    const row = rows.find(id);
    if (row?.state !== 'open') return;
    const channel = channels.get(row.address.channel);
    // Not set up at this start; it may be at the next.
    if (channel === undefined) return;
    const first = rows.parts(id)[0];
    if (first === undefined) return rows.finishFailed(row, 'internal');
    // What left just before a crash is not known: the flood limit of this chat must not be broken over it.
    if (row.storedAt < startedAt) await clock.sleep(Math.max(0, startedAt + restAfterStartMs - clock.now()), stopping);
    // The placeholder leaves while the answer is still being made.
    if (first.state !== 'sent' && !(await place(channel, row, first))) return;
    const text = await finalText(channel, row, first, draft);
    const parts = await rows.expand(row, channel.render(text, row.buttons));
    const last = parts.at(-1);
    for (const part of parts) {
      if (part.state === 'sent') continue;
      if (!(await place(channel, row, part)) || !(await fill(channel, row, part, part === last))) return;
    }
  }

  /** Sends the placeholder of one message until its id is known. False: given up, and recorded. */
  async function place(channel: Channel, row: OutboxRow, part: OutboxPartRow): Promise<boolean> {
    if (part.state === 'placing' && !(await reconsider(channel, row, part))) return false;
    for (let attempt = 0; part.state !== 'placed'; attempt += 1) {
      await turnFor(channel, row, 'send');
      await rows.update(part, { state: 'placing' });
      const replyTo = part.part === 0 && row.replyTo !== null ? { replyTo: row.replyTo } : {};
      const outcome = await channel.send(row.address, channel.placeholder, { ...replyTo, signal: requestSignal() });
      if (outcome.kind === 'delivered') {
        await rows.update(part, { state: 'placed', messageId: outcome.messageId, placedAt: clock.now() });
      } else if (outcome.kind === 'unknown') {
        if (!(await reconsider(channel, row, part))) return false;
      } else {
        await rows.update(part, { state: 'new' });
        if (!(await tryAgain(row, outcome, attempt))) return false;
      }
    }
    return true;
  }

  /**
   * A placeholder may stand or not. Another is sent only once the channel demonstrably answers again, so that an outage leaves one stray
   * placeholder and not a row of them; and only a few times in all.
   */
  async function reconsider(channel: Channel, row: OutboxRow, part: OutboxPartRow): Promise<boolean> {
    await rows.countDoubt(part);
    log.warn('outbox.in_doubt', { outbox: row.id, part: part.part, times: part.inDoubt });
    if (part.inDoubt > mostInDoubt) return giveUp(row, 'in_doubt');
    for (let attempt = 0; ; attempt += 1) {
      const probe = await channel.typing(row.address, { signal: repeatableSignal() });
      if (probe.kind === 'delivered') break;
      if (!(await tryAgain(row, probe, attempt))) return false;
    }
    await rows.update(part, { state: 'new' });
    return true;
  }

  /** Shows the answer as it grows, and "typing" before there is any, until the turn has recorded the whole. */
  async function finalText(channel: Channel, row: OutboxRow, part: OutboxPartRow, draft: Draft): Promise<string> {
    const firstPreviewAt = clock.now() + firstPreviewMs;
    for (;;) {
      const text = rows.find(row.id)?.text;
      if (text !== undefined && text !== null) return text;
      stopping.throwIfAborted();
      const early = firstPreviewAt - clock.now();
      const wait = draft.written() ? (early > 0 ? early : channel.pace(row.address, 'edit')) : typingEveryMs;
      if (wait === 0) await showDraft(channel, row, part, draft.take());
      else if ((await quietFor(wait, draft)) && !draft.written())
        await channel.typing(row.address, { signal: repeatableSignal() });
    }
  }

  /** A preview that does not arrive is no loss: the next one holds it, or the answer does. */
  async function showDraft(channel: Channel, row: OutboxRow, part: OutboxPartRow, markdown: string): Promise<void> {
    const content = channel.render(markdown)[0];
    if (part.messageId === null || content === undefined) return;
    const outcome = await channel.edit(row.address, part.messageId, content, { signal: repeatableSignal() });
    if (outcome.kind === 'wait') await clock.sleep(outcome.ms, stopping);
  }

  /** True when nothing rang for `ms`. */
  async function quietFor(ms: number, draft: Draft): Promise<boolean> {
    const rung = new AbortController();
    const quiet = clock.sleep(ms, AbortSignal.any([stopping, rung.signal])).then(
      () => true,
      () => false,
    );
    const result = await Promise.race([draft.rung().then(() => false), quiet]);
    rung.abort();
    return result;
  }

  /** Edits the placeholder into the text: idempotent, so it is simply repeated until it is done. */
  async function fill(channel: Channel, row: OutboxRow, part: OutboxPartRow, isLast: boolean): Promise<boolean> {
    let lost = 0;
    for (let attempt = 0; part.state !== 'sent'; attempt += 1) {
      const { messageId, content } = part;
      if (messageId === null || content === null) return giveUp(row, 'internal');
      await turnFor(channel, row, 'edit');
      const outcome = await channel.edit(row.address, messageId, content, { signal: repeatableSignal() });
      if (outcome.kind === 'delivered') {
        if (isLast) await rows.finishSent(row, part);
        else await rows.update(part, { state: 'sent', sentAt: clock.now() });
      } else if (outcome.kind === 'rejected' && outcome.reason === 'formatting') {
        const plain = channel.plain(content);
        if (sameContent(plain, content)) return giveUp(row, 'invalid');
        await rows.update(part, { content: plain });
      } else if (outcome.kind === 'rejected' && outcome.reason === 'gone' && lost < mostLost) {
        // Somebody deleted the placeholder: nothing of the answer stands there, so a new one is no double.
        lost += 1;
        await rows.update(part, { state: 'new', messageId: null });
        if (!(await place(channel, row, part))) return false;
      } else if (!(await tryAgain(row, outcome, attempt))) return false;
    }
    return true;
  }

  /** Waits as long as the outcome asks for. False: it is for good, or it has taken too long. */
  async function tryAgain(
    row: OutboxRow,
    outcome: Exclude<Delivery, { kind: 'delivered' }>,
    attempt: number,
  ): Promise<boolean> {
    if (outcome.kind === 'rejected' && outcome.reason !== 'unauthorized') return giveUp(row, outcome.reason);
    if (clock.now() - row.storedAt > giveUpAfterMs) return giveUp(row, 'too_late');
    await clock.sleep(outcome.kind === 'wait' ? outcome.ms : backOff(attempt, random.fraction()), stopping);
    return true;
  }

  async function giveUp(row: OutboxRow, reason: string): Promise<false> {
    log.warn('outbox.given_up', { outbox: row.id, reason });
    await rows.finishFailed(row, reason);
    return false;
  }

  async function turnFor(channel: Channel, row: OutboxRow, what: 'send' | 'edit'): Promise<void> {
    for (let ms = channel.pace(row.address, what); ms > 0; ms = channel.pace(row.address, what))
      await clock.sleep(ms, stopping);
    stopping.throwIfAborted();
  }

  /** A placeholder that has left is not called back as soon as the daemon stops: only the answer to it tells whether it counted. */
  const requestSignal = (): AbortSignal => AbortSignal.any([leaving, AbortSignal.timeout(requestTimeoutMs)]);
  /** Edits and "typing" are: the next start does them again, and nobody sees a difference. */
  const repeatableSignal = (): AbortSignal => AbortSignal.any([stopping, requestSignal()]);

  return { deliver };
}

/** 1 s, 2 s, 4 s, … at most 5 minutes, less up to a half. */
function backOff(attempt: number, fraction: number): number {
  return Math.min(300_000, 1_000 * 2 ** Math.min(attempt, 20)) * (0.5 + fraction / 2);
}

const sameContent = (one: Content, other: Content): boolean => JSON.stringify(one) === JSON.stringify(other);
