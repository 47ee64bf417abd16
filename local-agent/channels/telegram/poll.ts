/** Polling mode, for a machine without an edge: the webhook is removed first, then updates are fetched, never both at once. */
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import type { Clock } from '../../core/clock.ts';
import type { TelegramApi } from './api/api.ts';
import { explainFailure } from './diagnose-webhook.ts';
import { allowedUpdates } from './update/update.ts';

export interface PollDeps {
  api: TelegramApi;
  clock: Pick<Clock, 'now'>;
  /** Resolves, or returns, when the updates are durable; each is one body as a webhook would get it. */
  accept(bodies: Uint8Array[]): void | Promise<void>;
}

/** `getUpdates`: how long Telegram keeps a request open when there is nothing to tell. */
const longPollSeconds = 50;
const batch = z.array(z.looseObject({ update_id: z.int() }));

export function createPoll({ api, accept, clock }: PollDeps) {
  let webhookRemoved = false;
  let settled = false;
  let offset: number | undefined;

  /** Once per start: a webhook that appears later is somebody else's, and is not fought over. */
  async function removeWebhook(signal: AbortSignal): Promise<void> {
    const answer = await api.call('deleteWebhook', { drop_pending_updates: false }, { signal });
    if (!answer.ok) throw explainFailure(answer.failure);
    webhookRemoved = true;
  }

  async function fetchUpdates(signal: AbortSignal): Promise<z.infer<typeof batch>> {
    // The first look does not wait, so that it is known at once whether polling works.
    const parameters = {
      timeout: settled ? longPollSeconds : 0,
      allowed_updates: [...allowedUpdates],
      ...(offset === undefined ? {} : { offset }),
    };
    settled = false;
    const answer = await api.call('getUpdates', parameters, { signal, timeoutMs: (longPollSeconds + 10) * 1000 });
    if (!answer.ok) throw explainFailure(answer.failure);
    const updates = batch.safeParse(answer.result);
    if (!updates.success) throw new PryxError('channel_unreachable', 'Telegram sent updates of an unknown form.');
    return updates.data;
  }

  return {
    /** Fetches what there is. The offset moves on only when it is durable: Telegram forgets what lies below. Throws `PryxError`. */
    async round(signal: AbortSignal): Promise<number> {
      if (!webhookRemoved) await removeWebhook(signal);
      const waited = settled;
      const startedAt = clock.now();
      const updates = await fetchUpdates(signal);
      if (updates.length > 0) {
        const encoder = new TextEncoder();
        await accept(updates.map((update) => encoder.encode(JSON.stringify(update))));
        offset = Math.max(...updates.map(({ update_id }) => update_id)) + 1;
      }
      settled = true;
      // A server that does not keep the request open must not be asked without pause.
      return waited && updates.length === 0 && clock.now() - startedAt < 1_000 ? 1_000 : 0;
    },
  };
}
