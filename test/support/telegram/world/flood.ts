/** Telegram's limits on messages (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this). */
import type { ChatId, FloodOptions } from '../types.ts';

export interface Flood {
  set(options: FloodOptions): void;
  enforced(): boolean;
  countsEdits(): boolean;
  /** Counts a message. Says which limit it broke and when it would have been in time; then it is counted only if limits are not enforced. */
  count(chat: ChatId): { limit: string; retryAfter: number } | undefined;
}

/** Timers fire a little early now and then; that is no flood. */
const toleranceMs = 50;

export function createFlood(now: () => number, initial: FloodOptions = {}): Flood {
  let options = initial;
  const chats = new Map<ChatId, { allowance: number; at: number }>();
  /** The newest messages, no more than the limit lets count. */
  const groups = new Map<ChatId, number[]>();
  const all: number[] = [];

  return {
    set(next) {
      options = next;
    },
    enforced: () => options.enforce === true,
    countsEdits: () => options.countEdits === true,
    count(chat) {
      const { perChatPerSecond = 1, burst = 1, perGroupPerMinute = 20, perSecond = 30 } = options;
      const at = now();
      const last = chats.get(chat) ?? { allowance: burst, at };
      const allowance = Math.min(burst, last.allowance + ((at - last.at) / 1000) * perChatPerSecond);
      const group = chat < 0 ? (groups.get(chat) ?? []) : [];
      const broken =
        waitFor('per chat', ((1 - allowance) / perChatPerSecond) * 1000 - toleranceMs) ??
        waitFor('per group', (group.at(-perGroupPerMinute) ?? Number.NEGATIVE_INFINITY) + 60_000 - at) ??
        waitFor('overall', (all.at(-perSecond) ?? Number.NEGATIVE_INFINITY) + 1000 - at);
      if (broken !== undefined && options.enforce === true) return broken;
      chats.set(chat, { allowance: Math.max(allowance - 1, -burst), at });
      push(all, at, perSecond);
      if (chat < 0) {
        push(group, at, perGroupPerMinute);
        groups.set(chat, group);
      }
      return broken;
    },
  };
}

function push(times: number[], at: number, limit: number): void {
  times.push(at);
  if (times.length > limit) times.splice(0, times.length - limit);
}

const waitFor = (limit: string, ms: number): { limit: string; retryAfter: number } | undefined =>
  ms > 0 ? { limit, retryAfter: Math.max(1, Math.ceil(ms / 1000)) } : undefined;
