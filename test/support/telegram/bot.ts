/** The bot behind the socket: puts its parts together. */
import type { User } from 'grammy/types';
import type { Clock } from '../../../local-agent/core/clock.ts';
import type { Random } from '../../../local-agent/core/random.ts';
import type { EventLog } from './control/event-log.ts';
import { createLongPoll } from './delivery/long-poll.ts';
import { createUpdateQueue } from './delivery/update-queue.ts';
import { createWebhook } from './delivery/webhook.ts';
import type { CallbackQuery, Context } from './methods/context.ts';
import { getWebhookInfo } from './methods/set-webhook.ts';
import { type AnswerRequest, createAnswerRequest } from './protocol/answer-request.ts';
import { createCallLog } from './protocol/call-log.ts';
import { createFaults } from './protocol/faults.ts';
import { createMethodTable } from './protocol/method-table.ts';
import { readParams } from './protocol/read-request.ts';
import type { Control, TelegramServerOptions } from './types.ts';
import { absorbUpdate } from './world/absorb-update.ts';
import { createFiles, type Files } from './world/files.ts';
import { createFlood } from './world/flood.ts';
import { createGestures } from './world/gestures.ts';
import type { PeopleDeps } from './world/people-deps.ts';
import { createProfiles } from './world/profiles.ts';
import { createSpeech } from './world/speech.ts';
import { createWorld } from './world/world.ts';

export interface Identity {
  token: string;
  bot: User & { username: string };
}

export interface Bot {
  identity: Identity;
  control: Control;
  answerRequest: AnswerRequest;
  files: Files;
  close(): void;
}

export interface BotDeps {
  options: TelegramServerOptions;
  clock: Clock;
  random: Random;
  events: EventLog;
  history: number;
}

export function createBot({ options, clock, random, events, history }: BotDeps): Bot {
  const now = (): number => clock.now();
  const identity = createIdentity(options, random);
  const { readsAllGroupMessages = true, callbackLifetimeMs = 15 * 60 * 1000, webhook: webhookOptions = {} } = options;
  const table = createMethodTable();
  const faults = createFaults();
  const calls = createCallLog(history);
  const flood = createFlood(now, options.flood);
  const files = createFiles((length) => randomText(random, length));
  const world = createWorld(identity.bot, options.lastMessageId);
  const callbackQueries = new Map<string, CallbackQuery>();
  const lifetimeMs = webhookOptions.lifetimeMs === undefined ? {} : { lifetimeMs: webhookOptions.lifetimeMs };
  // Update ids start anywhere (https://core.telegram.org/bots/api#update).
  const firstId = 100_000_000 + Math.floor(random.fraction() * 800_000_000);
  const queue = createUpdateQueue({ now, events, kinds: table.updateKinds, firstId, history, ...lifetimeMs });
  const longPoll = createLongPoll(queue, (ms, signal) => clock.sleep(ms, signal));
  const webhook = createWebhook({
    now,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    queue,
    events,
    options: webhookOptions,
    onAnswer: (body, contentType) => carryOutWebhookAnswer(answerRequest, body, contentType),
  });

  const context: Context = {
    world,
    queue,
    webhook,
    longPoll,
    events,
    flood,
    files,
    callbackQueries,
    now,
    me: {
      ...identity.bot,
      can_join_groups: true,
      can_read_all_group_messages: readsAllGroupMessages,
      supports_inline_queries: false,
      can_connect_to_business: false,
      has_main_web_app: false,
    },
    commands: new Map(),
    session: { loggedOut: false, closed: false },
    localMode: options.localMode ?? true,
    violation(kind, call, detail) {
      const violation = { kind, method: call.method, detail, callId: call.id };
      calls.addViolation(violation);
      events.emit({ type: 'violation', violation });
    },
  };
  const sleep = (ms: number): Promise<void> => clock.sleep(ms);
  const answerRequest = createAnswerRequest({ table, context, calls, events, faults, now, sleep });

  const randomDigits = (length: number): string =>
    Array.from(random.bytes(length), (byte, index) => (index === 0 ? (byte % 9) + 1 : byte % 10)).join('');
  const people: PeopleDeps = {
    world,
    queue,
    events,
    files,
    callbackQueries,
    callbackLifetimeMs,
    readsAllGroupMessages,
    now,
    randomDigits,
  };

  const control: Control = {
    ...createProfiles(people),
    ...createSpeech(people),
    ...createGestures(people),
    pushUpdate(update, delivery) {
      absorbUpdate(update, people);
      return queue.pushRaw(update, delivery);
    },
    calls: calls.calls,
    events: (after = 0) => events.after(after),
    violations: calls.violations,
    webhookInfo: () => getWebhookInfo({}, context),
    pendingUpdates: () => queue.pending().map(({ update }) => update),
    orderFault: faults.order,
    cancelFault: faults.cancel,
    releaseHold: (id) => faults.letGo(id, true),
    dropHold: (id) => faults.letGo(id, false),
    pauseDeliveries: webhook.pause,
    resumeDeliveries: (order = 'as_queued') => webhook.resume(order),
    redeliver(updateId, delivery = {}) {
      const update = queue.find(updateId);
      if (update === undefined) throw new Error(`There was no update ${updateId}.`);
      webhook.resend({
        id: updateId,
        update,
        lane: 'again',
        expiresAt: Number.POSITIVE_INFINITY,
        delivery,
        failures: 0,
      });
    },
    setFlood: flood.set,
  };

  return {
    identity,
    control,
    answerRequest,
    files,
    close() {
      webhook.set(undefined);
      longPoll.terminate('terminated: the server closes');
      faults.dropAll();
    },
  };
}

/** https://core.telegram.org/bots/api#making-requests-when-getting-updates */
function carryOutWebhookAnswer(answerRequest: AnswerRequest, body: Buffer, contentType: string): void {
  let params: Record<string, unknown>;
  try {
    ({ params } = readParams('', body, contentType));
  } catch {
    return; // Telegram looks at an answer it cannot read no further.
  }
  const { method, ...rest } = params;
  if (typeof method === 'string' && method !== '') answerRequest.inWebhookAnswer(method, rest);
}

function createIdentity({ token, username, firstName }: TelegramServerOptions, random: Random): Identity {
  const chosen = token ?? `123456:${randomText(random, 35)}`;
  const name = username ?? 'pryx_dev_bot';
  return {
    token: chosen,
    bot: { id: Number(chosen.split(':')[0]), is_bot: true, first_name: firstName ?? 'Pryx', username: name },
  };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const randomText = (random: Random, length: number): string =>
  Array.from(random.bytes(length), (byte) => alphabet[byte % 64]).join('');
