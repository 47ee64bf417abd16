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
  const groups = new Map<ChatId, number[]>();
  let all: number[] = [];

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
      const group = chat < 0 ? within(groups.get(chat) ?? [], at - 60_000) : [];
      all = within(all, at - 1000);
      const broken =
        waitFor('per chat', ((1 - allowance) / perChatPerSecond) * 1000 - toleranceMs) ??
        (group.length < perGroupPerMinute ? undefined : waitFor('per group', (group[0] ?? at) + 60_000 - at)) ??
        (all.length < perSecond ? undefined : waitFor('overall', (all[0] ?? at) + 1000 - at));
      if (broken !== undefined && options.enforce === true) return broken;
      chats.set(chat, { allowance: Math.max(allowance - 1, -burst), at });
      if (chat < 0) groups.set(chat, [...group, at]);
      all.push(at);
      return broken;
    },
  };
}

const within = (times: number[], since: number): number[] => {
  const first = times.findIndex((time) => time > since);
  return first < 0 ? [] : times.slice(first);
};

const waitFor = (limit: string, ms: number): { limit: string; retryAfter: number } | undefined =>
  ms > 0 ? { limit, retryAfter: Math.max(1, Math.ceil(ms / 1000)) } : undefined;
