/** The Telegram adapter of the `Channel` contract. */
import type { Channel } from '../../core/channel.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Random } from '../../core/random.ts';
import type { Settings } from '../../core/settings.ts';
import { createApi } from './api/api.ts';
import { createTransport } from './api/transport.ts';
import { createHealth } from './health.ts';
import { keepTrying } from './keep-trying.ts';
import { createPace } from './pace.ts';
import { createPoll } from './poll.ts';
import { createReader } from './read.ts';
import { type RegisterDeps, checkToken, createRegistration } from './register.ts';
import { placeholder, plain, render } from './render.ts';
import { createSender, readAddress } from './send.ts';

export interface TelegramDeps
  extends Pick<RegisterDeps, 'registerHook' | 'answeredUsers' | 'loadSecret' | 'saveSecret'> {
  settings: NonNullable<Settings['telegram']>;
  clock: Clock;
  random: Random;
  log: Log;
  /** Polling mode: makes updates durable before it returns, or throws. */
  acceptUpdates(bodies: Uint8Array[]): void | Promise<void>;
  /** The username that `onAccount` told last, so that mentions are known before Telegram has been asked. */
  account?: string | null;
  /** Telegram has told who the bot is; without the `@`. */
  onAccount?(username: string): void;
  /** Key-share groups of TLS in OpenSSL's notation (`TELEGRAM_TLS_GROUPS`). */
  tlsGroups?: string | undefined;
}

export interface TelegramChannel extends Channel {
  /** Registers anew, soon: call it when the owner has changed. Does nothing in polling mode. */
  refresh(): void;
}

export function createTelegramChannel(deps: TelegramDeps): TelegramChannel {
  const { settings, clock, random, log } = deps;
  let username = deps.account ?? null;
  const health = createHealth(settings.polling ? 'polling' : 'webhook', username, clock);
  const transport = createTransport({ clock, random, tlsGroups: deps.tlsGroups });
  const api = createApi({ token: settings.botToken.reveal(), apiRoot: settings.apiRoot, transport, clock });
  const pace = createPace(clock);
  const reader = createReader({ botId: settings.botId, username: () => username });
  const sender = createSender({ api, pace, random, health });
  const registration = createRegistration({
    ...deps,
    api,
    botId: settings.botId,
    override: { url: settings.webhookUrl, secret: settings.webhookSecret },
  });

  let running: { stopping: AbortController; ended: Promise<void> } | undefined;
  let wake: (() => void) | undefined;

  function run(signal: AbortSignal): Promise<void> {
    const poll = createPoll({ api, clock, accept: deps.acceptUpdates });
    let accountKnown = false;
    let reported = '';
    return keepTrying({
      clock,
      random,
      signal,
      async round() {
        if (!accountKnown) {
          username = await checkToken(api, signal);
          health.named(username);
          deps.onAccount?.(username);
          accountKnown = true;
        }
        const pause = await (settings.polling ? poll.round(signal) : registration.round(signal));
        if (health.read().state !== 'up') log.info('telegram.up', { mode: health.read().mode });
        reported = '';
        health.up();
        return pause;
      },
      failed(error) {
        registration.renew();
        health.failed(error);
        // The same trouble at each try is one line in the log.
        if (reported === error.message) return;
        reported = error.message;
        const { code, message: reason, hint } = error;
        if (code === 'internal') log.error('telegram.down', error);
        // So every device begins; one that is put out later is told of by its link.
        else if (code === 'not_paired') log.info('telegram.down', { code, reason, hint });
        else log.warn('telegram.down', { code, reason, hint });
      },
      onPause(end) {
        wake = end;
      },
    });
  }

  return {
    name: 'telegram',
    placeholder,
    read: reader.read,
    jobId: reader.jobId,
    render,
    plain,
    ...sender,
    pace: (address, what) => pace.wait(readAddress(address).chat, what),
    health: health.read,
    start() {
      if (running !== undefined) return;
      const stopping = new AbortController();
      health.starting();
      running = { stopping, ended: run(stopping.signal) };
    },
    async stop() {
      const ending = running;
      running = undefined;
      ending?.stopping.abort();
      await ending?.ended;
      transport.close();
      health.stopped();
    },
    refresh() {
      registration.renew();
      wake?.();
    },
  };
}
