/** Webhook mode: tells Telegram where the edge listens, makes sure that it took it, and looks again (docs/decisions/023). */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import type { Random } from '../../core/random.ts';
import type { Secret } from '../../core/settings.ts';
import type { TelegramApi } from './api/api.ts';
import { type WebhookInfo, diagnoseWebhook, explainFailure, webhookInfo } from './diagnose-webhook.ts';
import { allowedUpdates } from './update/update.ts';

export interface RegisterDeps {
  api: TelegramApi;
  botId: string;
  random: Random;
  /** Tells the edge the hook of this bot; gives the address for Telegram. Throws `PryxError`. */
  registerHook(hook: { bot: string; secretSha256: string; answeredUsers: number[] }): Promise<string>;
  /** Telegram user ids that are answered: only their chats are told "typing" by the edge. */
  answeredUsers(): number[];
  loadSecret(): string | null;
  saveSecret(secret: string): void;
  /** `TELEGRAM_WEBHOOK_URL` and `TELEGRAM_WEBHOOK_SECRET`: instead of what the edge gives, and of a secret of our own. */
  override: { url: string | null; secret: Secret | null };
}

/** Soon after registering, Telegram has tried what was waiting, and so knows whether the edge takes it. */
const firstLookMs = 10_000;
const nextLookMs = 5 * 60_000;

export function createRegistration(deps: RegisterDeps) {
  const { api, botId } = deps;
  let due = true;
  let looked = false;
  /** The address that Telegram was given, and the date of the last error that is no news. */
  let registered: { url: string; oldError: number } | undefined;

  /** Gives the address. */
  async function register(signal: AbortSignal): Promise<string> {
    const secret = deps.override.secret?.reveal() ?? ownSecret();
    const hook = {
      bot: botId,
      secretSha256: createHash('sha256').update(secret).digest('base64url'),
      answeredUsers: deps.answeredUsers(),
    };
    // The edge first: from the moment that Telegram knows the address, requests arrive there.
    const given = await Promise.race([deps.registerHook(hook), rejectOnAbort(signal)]);
    const url = deps.override.url ?? given;
    const parameters = {
      url,
      secret_token: secret,
      allowed_updates: [...allowedUpdates],
      max_connections: 100,
      // What was said while nobody listened is still to be answered.
      drop_pending_updates: false,
    };
    const answer = await api.call('setWebhook', parameters, { signal });
    if (!answer.ok) throw explainFailure(answer.failure);
    return url;
  }

  /** 256 random bits, made once: a new one would have Telegram's requests refused until both sides know it. */
  function ownSecret(): string {
    const known = deps.loadSecret();
    if (known !== null) return known;
    const secret = Buffer.from(deps.random.bytes(32)).toString('base64url');
    deps.saveSecret(secret);
    return secret;
  }

  async function look(signal: AbortSignal): Promise<WebhookInfo> {
    const answer = await api.call('getWebhookInfo', {}, { signal });
    if (!answer.ok) throw explainFailure(answer.failure);
    const info = webhookInfo.safeParse(answer.result);
    if (!info.success) throw new PryxError('channel_unreachable', 'Telegram told nothing of its webhook.');
    return info.data;
  }

  return {
    /** Registers if that is due, and looks what became of it. Resolves to the milliseconds until the next look; throws `PryxError`. */
    async round(signal: AbortSignal): Promise<number> {
      let url = registered?.url;
      if (due || url === undefined) {
        due = false;
        looked = false;
        url = await register(signal);
      }
      const info = await look(signal);
      const lastError = info.last_error_date ?? 0;
      // What went wrong with the webhook of before is no news; with this one it is, until updates arrive again.
      const known = registered?.url === url ? registered : { url, oldError: lastError };
      registered = known;
      const problem = diagnoseWebhook(info, url, known.oldError);
      if (problem !== undefined) throw problem;
      known.oldError = lastError;
      if (due) return 0;
      const wait = looked ? nextLookMs : firstLookMs;
      looked = true;
      return wait;
    },
    /** The next round registers anew: after a failure, or because other users are to be told "typing". */
    renew(): void {
      due = true;
    },
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new PryxError('unavailable', 'The channel is being stopped.'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

const botUser = z.object({ id: z.int(), username: z.string().min(1) });

/** `getMe`: checks the token and learns the username. Throws `PryxError`. */
export async function checkToken(api: TelegramApi, signal: AbortSignal): Promise<string> {
  const answer = await api.call('getMe', {}, { signal });
  if (!answer.ok) throw explainFailure(answer.failure);
  const user = botUser.safeParse(answer.result);
  if (!user.success) throw new PryxError('channel_unreachable', 'Telegram did not say which bot this is.');
  return user.data.username;
}
