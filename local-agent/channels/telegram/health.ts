/** How the channel is: what its registration and its messages last met. */
import type { ErrorCode, PryxError } from '../../../shared/error.ts';
import type { ChannelError, ChannelHealth, Delivery } from '../../core/channel.ts';
import type { Clock } from '../../core/clock.ts';

export interface Health {
  read(): ChannelHealth;
  starting(): void;
  /** Registered, and nothing speaks against messages arriving. */
  up(): void;
  /** Not registered, or messages do not arrive. */
  failed(error: PryxError): void;
  stopped(): void;
  named(username: string): void;
  /** Telegram answered a message: it can be reached. */
  answered(): void;
  noteDelivery(delivery: Exclude<Delivery, { kind: 'delivered' }>): void;
}

export function createHealth(mode: 'webhook' | 'polling', account: string | null, clock: Pick<Clock, 'now'>): Health {
  let phase: 'off' | 'starting' | 'up' | 'down' = 'off';
  let reached = true;
  let username = account;
  let lastError: ChannelError | null = null;

  function note(code: ErrorCode, message: string, hint?: string): void {
    lastError = { code, message, ...(hint === undefined ? {} : { hint }), at: clock.now() };
  }

  return {
    read: () => ({
      state: phase === 'up' && !reached ? 'down' : phase,
      mode: phase === 'off' ? 'none' : mode,
      account: username === null ? null : `@${username}`,
      lastError,
    }),
    starting() {
      phase = 'starting';
    },
    up() {
      phase = 'up';
      reached = true;
    },
    failed(error) {
      phase = 'down';
      note(error.code, error.message, error.hint);
    },
    stopped() {
      phase = 'off';
    },
    named(name) {
      username = name;
    },
    answered() {
      reached = true;
    },
    noteDelivery(delivery) {
      const unauthorized = delivery.kind === 'rejected' && delivery.reason === 'unauthorized';
      reached = !unauthorized && delivery.kind !== 'unreachable' && delivery.kind !== 'unknown';
      if (unauthorized) note('channel_unauthorized', delivery.message, tokenHint);
      else if (!reached && 'message' in delivery) note('channel_unreachable', delivery.message);
    },
  };
}

export const tokenHint = 'Ask @BotFather for the token of this bot, set TELEGRAM_BOT_TOKEN to it, and restart.';
