/**
 * When the next message may leave, so that Telegram's flood limits are kept rather than run into (Bots FAQ, "My bot is hitting
 * limits"): one message a second in a chat, 20 a minute in a group, about 30 a second in all (docs/decisions/022). Pure but for what it remembers.
 */
import type { Clock } from '../../core/clock.ts';

export interface PaceLimits {
  /** Milliseconds between two messages of one chat, and between two edits there. */
  chatMs: number;
  /** The same between two edits in a group: as many a minute as it takes messages, since Telegram does not say that edits are free. */
  groupEditMs: number;
  /** Messages of one group in any `groupWindowMs`. */
  groupMessages: number;
  groupWindowMs: number;
  /** Messages a second over all chats, and how many may leave at once after a pause. */
  perSecond: number;
  burst: number;
}

export const floodLimits: PaceLimits = {
  chatMs: 1_000,
  groupEditMs: 3_000,
  groupMessages: 20,
  groupWindowMs: 60_000,
  perSecond: 30,
  burst: 60,
};

interface Lane {
  nextSend: number;
  nextEdit: number;
  heldUntil: number;
  /** When the last messages of a group left, oldest first. */
  sent: number[];
}

export interface Pace {
  /** Milliseconds to wait; 0 reserves. The first edit after a message is free: it turns a placeholder into the answer. */
  wait(chat: number, what: 'send' | 'edit'): number;
  /** Telegram asked for a pause (429, `retry_after`): nothing leaves for this chat before it is over. */
  hold(chat: number, ms: number): void;
}

/** Chats remembered before those that are at rest are forgotten. */
const manyChats = 1_000;

export function createPace(clock: Pick<Clock, 'now'>, limits = floodLimits): Pace {
  const lanes = new Map<number, Lane>();
  let room = limits.burst;
  let roomAt = clock.now();

  function laneOf(chat: number, now: number): Lane {
    const known = lanes.get(chat);
    if (known !== undefined) return known;
    if (lanes.size >= manyChats) forgetIdle(now);
    const lane: Lane = { nextSend: 0, nextEdit: 0, heldUntil: 0, sent: [] };
    lanes.set(chat, lane);
    return lane;
  }

  function forgetIdle(now: number): void {
    for (const [chat, lane] of lanes) {
      const busyUntil = Math.max(
        lane.nextSend,
        lane.nextEdit,
        lane.heldUntil,
        (lane.sent.at(-1) ?? 0) + limits.groupWindowMs,
      );
      if (busyUntil <= now) lanes.delete(chat);
    }
  }

  function waitToSend(chat: number, lane: Lane, now: number): number {
    room = Math.min(limits.burst, room + ((now - roomAt) * limits.perSecond) / 1000);
    roomAt = now;
    while (lane.sent[0] !== undefined && lane.sent[0] + limits.groupWindowMs <= now) lane.sent.shift();
    const groupFree = lane.sent.length < limits.groupMessages ? now : (lane.sent[0] ?? now) + limits.groupWindowMs;
    const allFree = room >= 1 ? now : now + ((1 - room) * 1000) / limits.perSecond;
    const ms = Math.max(lane.nextSend, lane.heldUntil, groupFree, allFree) - now;
    if (ms > 0) return Math.ceil(ms);
    room -= 1;
    lane.nextSend = now + limits.chatMs;
    lane.nextEdit = now;
    if (isGroup(chat)) lane.sent.push(now);
    return 0;
  }

  function waitToEdit(chat: number, lane: Lane, now: number): number {
    const ms = Math.max(lane.nextEdit, lane.heldUntil) - now;
    if (ms > 0) return Math.ceil(ms);
    lane.nextEdit = now + (isGroup(chat) ? limits.groupEditMs : limits.chatMs);
    return 0;
  }

  return {
    wait(chat, what) {
      const now = clock.now();
      const lane = laneOf(chat, now);
      return what === 'send' ? waitToSend(chat, lane, now) : waitToEdit(chat, lane, now);
    },
    hold(chat, ms) {
      const now = clock.now();
      const lane = laneOf(chat, now);
      lane.heldUntil = Math.max(lane.heldUntil, now + ms);
    },
  };
}

/** Ids of groups, supergroups and channels are negative. */
const isGroup = (chat: number): boolean => chat < 0;
