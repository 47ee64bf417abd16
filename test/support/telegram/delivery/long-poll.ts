/** getUpdates (https://core.telegram.org/bots/api#getupdates): one caller at a time waits; a second one, or a webhook, sends it away. */
import type { Update } from 'grammy/types';
import { conflict } from '../protocol/bot-api-error.ts';
import type { UpdateQueue } from './update-queue.ts';

export interface LongPoll {
  /** Throws BotApiError. `onGone` calls back when the caller has hung up. */
  get(
    params: { offset?: number; limit?: number; timeout?: number },
    onGone: (listener: () => void) => void,
  ): Update[] | Promise<Update[]>;
  /** Sends away whoever waits. */
  terminate(reason: string): void;
}

const maxTimeoutSeconds = 50;

export function createLongPoll(
  queue: UpdateQueue,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): LongPoll {
  let waiting: { wake(): void; terminate(reason: string): void } | undefined;
  queue.onPush(() => waiting?.wake());

  const read = (limit: number): Update[] =>
    queue
      .pending()
      .slice(0, limit)
      .map(({ update }) => update);

  const terminate = (reason: string): void => waiting?.terminate(reason);

  return {
    get({ offset = 0, limit = 100, timeout = 0 }, onGone) {
      const count = Math.min(Math.max(limit, 1), 100);
      if (offset > 0) queue.takeBefore(offset);
      else if (offset < 0) queue.takeBefore(queue.pending().at(offset)?.id ?? 0);
      const updates = read(count);
      if (updates.length > 0 || timeout <= 0) return updates;
      terminate('terminated by other getUpdates request; make sure that only one bot instance is running');
      const end = new AbortController();
      return new Promise<Update[]>((resolve, reject) => {
        const settle = (finish: () => void): void => {
          if (waiting === self) waiting = undefined;
          end.abort();
          finish();
        };
        const self = {
          wake: () => settle(() => resolve(read(count))),
          terminate: (reason: string) => settle(() => reject(conflict(reason))),
        };
        waiting = self;
        onGone(() => settle(() => resolve([])));
        sleep(Math.min(timeout, maxTimeoutSeconds) * 1000, end.signal).then(self.wake, () => {});
      });
    },
    terminate,
  };
}
