import { Api } from 'grammy';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { refusedWith } from './refused-with.ts';
import { createTelegramServer } from './server.ts';
import type { TelegramServer } from './types.ts';

let clock: ManualClock;
let telegram: TelegramServer;
let api: Api;
let user: number;
beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 20, 12));
  telegram = await createTelegramServer({ clock });
  api = new Api(telegram.token, { apiRoot: telegram.origin });
  user = telegram.createUser().id;
});
afterEach(async () => telegram.close());

const say = (text: string): number => telegram.say(user, text).updateId ?? -1;
const textsFrom = async (params: Parameters<Api['getUpdates']>[0]): Promise<(string | undefined)[]> =>
  (await api.getUpdates(params)).map(({ message }) => message?.text);
/** The stand-in has begun to work on the n-th getUpdates. */
const asked = async (count: number): Promise<unknown> =>
  telegram.waitFor('call', () => telegram.calls({ method: 'getUpdates' }).length >= count);

it('updates come until they are confirmed by a higher offset', async () => {
  const [first, second] = [say('one'), say('two'), say('three')];
  expect(await textsFrom({})).toEqual(['one', 'two', 'three']);
  expect(await textsFrom({ limit: 1 })).toEqual(['one']);
  expect(await textsFrom({ offset: (first ?? 0) + 1 })).toEqual(['two', 'three']);
  expect(await textsFrom({ offset: (second ?? 0) + 1 })).toEqual(['three']);
  say('four');
  expect(await textsFrom({ offset: -1 })).toEqual(['four']);
  expect(telegram.pendingUpdates()).toHaveLength(1);
});

it('a caller waits for the next update, or until its time is over', async () => {
  const waiting = textsFrom({ timeout: 30 });
  await asked(1);
  say('Hello');
  expect(await waiting).toEqual(['Hello']);
  const inVain = textsFrom({ offset: telegram.pendingUpdates()[0]!.update_id + 1, timeout: 30 });
  await asked(2);
  await clock.advance(30_000);
  expect(await inVain).toEqual([]);
});

it('the second caller sends the first one away', async () => {
  const first = refusedWith(api.getUpdates({ timeout: 30 }));
  await asked(1);
  const second = textsFrom({ timeout: 30 });
  expect(await first).toBe(
    'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  );
  await asked(2);
  say('Hello');
  expect(await second).toEqual(['Hello']);
});

it('a caller that hung up does not take the next update with it', async () => {
  const gone = new AbortController();
  const waiting = api.getUpdates({ timeout: 30 }, gone.signal as never).catch(() => 'gone');
  await asked(1);
  gone.abort();
  expect(await waiting).toBe('gone');
  await telegram.waitForCall('getUpdates');
  say('Hello');
  expect(await textsFrom({ timeout: 30 })).toEqual(['Hello']);
});

it('webhook and polling exclude each other', async () => {
  const waiting = refusedWith(api.getUpdates({ timeout: 30 }));
  await asked(1);
  await api.setWebhook('http://127.0.0.1:9/');
  expect(await waiting).toBe('Conflict: terminated by setWebhook request');
  expect(await refusedWith(api.getUpdates())).toBe(
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  );
  await api.deleteWebhook();
  expect(await api.getUpdates()).toEqual([]);
});
