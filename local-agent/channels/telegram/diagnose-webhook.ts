/** Says plainly why updates do not arrive, and what to do next. Pure. */
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import type { Failure } from './api/api.ts';
import { isTokenRefused } from './api/classify.ts';
import { tokenHint } from './health.ts';

/** What Pryx uses of `WebhookInfo`. */
export const webhookInfo = z.object({
  url: z.string(),
  pending_update_count: z.int().nonnegative().catch(0),
  /** Seconds since the epoch. */
  last_error_date: z.int().optional().catch(undefined),
  last_error_message: z.string().optional().catch(undefined),
});
export type WebhookInfo = z.infer<typeof webhookInfo>;

/** A call that failed while registering or polling, as an error somebody can act on. */
export function explainFailure(failure: Failure): PryxError {
  if (failure.kind === 'unanswered') {
    return failure.status === undefined
      ? new PryxError('channel_unreachable', `Telegram cannot be reached: ${failure.message}.`, {
          hint: 'Check the network of this machine, and TELEGRAM_API_ROOT if it is set. Pryx goes on trying.',
        })
      : new PryxError('channel_unreachable', `TELEGRAM_API_ROOT gave ${failure.message}.`, {
          hint: 'Check TELEGRAM_API_ROOT, and any proxy on the way. Pryx goes on trying.',
        });
  }
  const { code, description } = failure;
  if (isTokenRefused(code, description))
    return new PryxError('channel_unauthorized', `Telegram does not know the bot's token (${code}: ${description}).`, {
      hint: tokenHint,
    });
  const known = code === 429 || code >= 500 ? undefined : refusals.find(({ pattern }) => pattern.test(description));
  const hint = known?.hint ?? 'Pryx goes on trying.';
  const errorCode = known === undefined ? 'channel_unreachable' : 'channel_misconfigured';
  return new PryxError(errorCode, `Telegram answered ${code}: ${description}.`, { hint });
}

const useHttps =
  'Telegram wants a public https address: set PRYX_EDGE_URL to a deployed edge (docs/deploy.md), or start with --polling.';
const checkUrl = 'Check PRYX_EDGE_URL, or TELEGRAM_WEBHOOK_URL if it is set: Telegram must be able to reach it.';

/** The descriptions of the Bot API are all there is to go by. */
const refusals: readonly { pattern: RegExp; hint: string }[] = [
  { pattern: /https url must be provided/i, hint: useHttps },
  { pattern: /only on ports/i, hint: 'Give the edge one of the ports 443, 80, 88 and 8443.' },
  { pattern: /ip address .* is reserved/i, hint: useHttps },
  { pattern: /resolve host|bad webhook|url host is empty|invalid webhook url/i, hint: checkUrl },
  {
    pattern: /terminated by other getUpdates/i,
    hint: 'Another program polls with the same token. Stop it, or use another bot here.',
  },
  {
    pattern: /webhook is active|terminated by setWebhook/i,
    hint: 'Something set a webhook for this bot meanwhile. Stop it, then restart with --polling; or use another bot here.',
  },
  {
    pattern: /method not found/i,
    hint: 'The Bot API server at TELEGRAM_API_ROOT is too old: Pryx needs 10.0 or newer.',
  },
  { pattern: /secret token/i, hint: 'TELEGRAM_WEBHOOK_SECRET may hold only A-Z a-z 0-9 _ -, at most 256 of them.' },
];

/**
 * What `getWebhookInfo` tells of a webhook that was set to `url`. Errors up to `oldError` (seconds since the epoch) are
 * no news; one that nothing waits behind is over.
 */
export function diagnoseWebhook(info: WebhookInfo, url: string, oldError: number): PryxError | undefined {
  if (info.url === '')
    return new PryxError('channel_misconfigured', 'The webhook of this bot was removed.', {
      hint: 'Something else uses this token, for instance by polling. Stop it, or use another bot here. Pryx registers again.',
    });
  if (info.url !== url)
    return new PryxError('channel_misconfigured', 'The webhook of this bot leads somewhere else.', {
      hint: 'Another Pryx or program uses this token. Stop it, or use another bot here. Pryx registers again.',
    });
  const { last_error_message: said, last_error_date: at = 0, pending_update_count: pending } = info;
  if (said === undefined || at <= oldError || pending === 0) return undefined;
  const known = deliveryErrors.find(({ pattern }) => pattern.test(said));
  return new PryxError(
    'channel_misconfigured',
    `Telegram cannot hand over ${pending} update${pending === 1 ? '' : 's'}: ${said}.`,
    { hint: known?.hint ?? checkUrl },
  );
}

const deliveryErrors: readonly { pattern: RegExp; hint: string }[] = [
  {
    pattern: /wrong response.* 401/i,
    hint: 'The edge does not accept the secret. If TELEGRAM_WEBHOOK_SECRET is set, unset it or make it the same everywhere; then restart.',
  },
  {
    pattern: /wrong response.* 40[34]/i,
    hint: 'The edge does not know this address. Deploy the edge again with the same PRYX_EDGE_KEYS, and restart.',
  },
  {
    pattern: /wrong response.* 410/i,
    hint: 'The edge says that this address is gone. Restart, so that Pryx registers a new one.',
  },
  {
    pattern: /wrong response.* 413/i,
    hint: 'An update was larger than the edge takes. Telegram drops it after a day.',
  },
  {
    pattern: /wrong response.* (429|503)/i,
    hint: 'The edge is full or busy. Start the daemon, so that it fetches what waits; Telegram sends again.',
  },
  {
    pattern: /wrong response/i,
    hint: 'The edge has a fault: see its log (`npx wrangler tail`). Telegram sends again.',
  },
  { pattern: /connection refused|timed? ?out|resolve host|network|connection/i, hint: checkUrl },
  {
    pattern: /ssl|certificate|tls/i,
    hint: 'The certificate of the edge is not trusted by Telegram. A *.workers.dev address, or a Cloudflare domain, has one that is.',
  },
];
