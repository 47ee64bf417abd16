/** Sends updates to the webhook as WebhookActor.cpp of the Bot API server does: in order within a lane, with retries, dropped after a day. */
import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { EventLog } from '../control/event-log.ts';
import type { WebhookOptions } from '../types.ts';
import { createLanes } from './lanes.ts';
import { type PostResult, postUpdate } from './post-update.ts';
import type { PendingUpdate, UpdateQueue } from './update-queue.ts';

export interface WebhookSettings {
  url: string;
  secret: string | undefined;
  maxConnections: number;
  ipAddress: string | undefined;
  hasCertificate: boolean;
}

export interface Webhook {
  settings(): WebhookSettings | undefined;
  /** Undefined takes it away. What is under way is broken off and stays pending. */
  set(settings: WebhookSettings | undefined): void;
  lastError(): { at: number; message: string } | undefined;
  pause(): void;
  resume(order: 'as_queued' | 'reversed' | readonly number[]): void;
  /** Sends an update again although it was taken. */
  resend(pending: PendingUpdate): void;
}

export interface WebhookDeps {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  queue: UpdateQueue;
  events: EventLog;
  options: WebhookOptions;
  /** Carries out the method that an answer may hold. */
  onAnswer(body: Buffer, contentType: string): void;
}

export function createWebhook({ now, sleep, queue, events, options, onAnswer }: WebhookDeps): Webhook {
  const { retryBaseMs = 1000, retryCapMs = 60_000, answerTimeoutMs = 60_000, goneAfterMs = 0 } = options;
  const lanes = createLanes();
  let settings: WebhookSettings | undefined;
  let url: URL | undefined;
  let agent = new Agent();
  let stop = new AbortController();
  let active = 0;
  let paused = false;
  let goneSince: number | undefined;
  let lastError: { at: number; message: string } | undefined;

  const pump = (): void => {
    while (!paused && settings !== undefined && active < settings.maxConnections) {
      const next = lanes.next();
      if (next === undefined) return;
      active += 1;
      void send(next.pending, next.lane, stop.signal);
    }
  };

  const post = async (body: Buffer, pending: PendingUpdate, signal: AbortSignal): Promise<PostResult> => {
    const startedAt = now();
    const result = await postUpdate(url as URL, body, {
      agent,
      secret: settings?.secret,
      timeoutMs: answerTimeoutMs,
      signal,
    });
    const attempt = pending.failures + 1;
    const { status, error } = result;
    if (!signal.aborted)
      events.emit({ type: 'delivery', updateId: pending.id, attempt, status, error, ms: now() - startedAt });
    return result;
  };

  const send = async (pending: PendingUpdate, lane: string, signal: AbortSignal): Promise<void> => {
    if (pending.expiresAt <= now()) queue.pending();
    if (!queue.isPending(pending.id) && lane !== 'again') return finish(() => lanes.succeeded(lane, pending));
    const body = Buffer.from(JSON.stringify(pending.update));
    const { copies = 1, atOnce = false } = pending.delivery;
    const results: PostResult[] = [];
    if (atOnce) results.push(...(await Promise.all(Array.from({ length: copies }, () => post(body, pending, signal)))));
    else
      for (let copy = 0; copy < copies && results.every((result) => result.error === null); copy += 1)
        results.push(await post(body, pending, signal));
    if (signal.aborted) return;
    const failed = results.find((result) => result.error !== null);
    if (failed === undefined) {
      goneSince = undefined;
      queue.take(pending.id);
      for (const { body: answer, contentType } of results) if (answer.length > 0) onAnswer(answer, contentType);
      return finish(() => lanes.succeeded(lane, pending));
    }
    lastError = { at: now(), message: failed.error ?? '' };
    if (failed.status !== 410) goneSince = undefined;
    else if (now() - (goneSince ??= now()) >= goneAfterMs) return remove();
    const wait = retryDelay(pending, failed.retryAfterMs);
    active -= 1;
    pump();
    if (wait > 0) await sleep(wait, signal).catch(() => {});
    if (signal.aborted) return;
    lanes.retry(lane, pending);
    pump();
  };

  const finish = (settle: () => void): void => {
    active -= 1;
    settle();
    pump();
  };

  /** The first failure is retried at once (`on_update_error`). */
  const retryDelay = (pending: PendingUpdate, retryAfterMs: number): number => {
    const backOff = pending.failures === 0 ? 0 : retryBaseMs * 2 ** pending.failures;
    pending.failures += 1;
    return Math.min(retryAfterMs > 0 ? retryAfterMs : backOff, retryCapMs);
  };

  const remove = (): void => {
    set(undefined);
    events.emit({ type: 'webhook', url: '' });
  };

  const set = (next: WebhookSettings | undefined): void => {
    stop.abort();
    agent.destroy();
    lanes.clear();
    stop = new AbortController();
    // Every connection listens to it.
    setMaxListeners(0, stop.signal);
    active = 0;
    settings = next;
    url = next === undefined ? undefined : new URL(next.url);
    lastError = undefined;
    goneSince = undefined;
    if (next === undefined) return;
    agent = url?.protocol === 'https:' ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
    for (const pending of queue.pending()) lanes.add(pending);
    pump();
  };

  queue.onPush((pending) => {
    if (settings === undefined) return;
    lanes.add(pending);
    pump();
  });

  return {
    settings: () => settings,
    set,
    lastError: () => lastError,
    pause() {
      paused = true;
    },
    resume(order) {
      paused = false;
      if (order !== 'as_queued') {
        // One lane for all, so that they arrive in just this order.
        const pending = queue.pending();
        const wanted = order === 'reversed' ? pending.toReversed() : sortByIds(pending, order);
        lanes.clear();
        for (const each of wanted) lanes.add(each, 'ordered');
      }
      pump();
    },
    resend(pending) {
      lanes.add(pending, 'again');
      pump();
    },
  };
}

function sortByIds(pending: PendingUpdate[], ids: readonly number[]): PendingUpdate[] {
  const first = ids.flatMap((id) => pending.find((each) => each.id === id) ?? []);
  return [...first, ...pending.filter((each) => !ids.includes(each.id))];
}
