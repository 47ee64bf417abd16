import { createPoll } from '../../../../local-agent/channels/telegram/poll.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { type OpenOptions, type OpenTelegram, openTelegram } from './open-telegram.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';

const worlds: OpenTelegram[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function open({ deps, ...options }: OpenOptions = {}) {
  const clock = createVirtualClock();
  const world = await openTelegram({ ...options, deps: { clock, ...deps }, settings: { polling: true } });
  worlds.push(world);
  return { ...world, clock };
}

const callsOf = ({ telegram }: OpenTelegram): string[] => telegram.calls().map(({ method }) => method);
const longPoll = ({ telegram }: OpenTelegram, after = 0) =>
  telegram.waitFor('call', ({ call }) => call.method === 'getUpdates' && call.params['timeout'] === 50, { after });

describe('polling mode', () => {
  test('removes the webhook first, and has none of its own', async () => {
    const world = await open();
    await fetch(`${world.telegram.origin}/bot${world.telegram.token}/setWebhook?url=https://old.example/`);
    world.channel.start();
    await longPoll(world);
    expect(callsOf(world).slice(1)).toEqual(['getMe', 'deleteWebhook', 'getUpdates', 'getUpdates']);
    expect(world.channel.health()).toMatchObject({ state: 'up', mode: 'polling', account: '@pryx_dev_bot' });
    expect(world.hooks).toEqual([]);
    expect(world.telegram.violations()).toEqual([]);
  });

  test('hands on what was said before and after it began, each once', async () => {
    const world = await open();
    world.telegram.say(world.person.id, 'one');
    world.channel.start();
    await longPoll(world);
    world.telegram.say(world.person.id, 'two');
    await expect.poll(() => world.accepted).toMatchObject([{ message: { text: 'one' } }, { message: { text: 'two' } }]);
    await expect.poll(() => world.telegram.pendingUpdates()).toEqual([]);
  });

  test('lets Telegram forget an update only when it is durable', async () => {
    let broken = true;
    const kept: Uint8Array[] = [];
    const world = await open({
      deps: {
        acceptUpdates(bodies) {
          if (broken) throw new Error('disk full');
          kept.push(...bodies);
        },
      },
    });
    world.telegram.say(world.person.id, 'one');
    world.channel.start();
    await expect.poll(() => world.channel.health()).toMatchObject({ state: 'down', lastError: { code: 'internal' } });
    expect(world.log.lines).toMatchObject([{ severity: 'ERROR', error: { cause: new Error('disk full') } }]);
    expect(world.telegram.pendingUpdates()).toHaveLength(1);
    broken = false;
    await world.clock.advance(1_000);
    await expect.poll(() => kept.map((body) => world.channel.read(body))).toMatchObject([{ text: 'one' }]);
    await expect.poll(() => world.telegram.pendingUpdates()).toEqual([]);
    expect(world.channel.health().state).toBe('up');
  });

  test('is not blocked by an update that cannot be read', async () => {
    const world = await open();
    const odd = Buffer.from(JSON.stringify({ update_id: 7, message: { message_id: 'seven' } }));
    expect(world.channel.jobId(odd)).toMatch(/^tg:\d+:7$/);
    expect(() => world.channel.read(odd)).toThrow('unknown form');
  });

  test('ends at once when it is stopped, in the midst of waiting', async () => {
    const world = await open();
    world.channel.start();
    await longPoll(world);
    await world.channel.stop();
    expect(world.channel.health()).toMatchObject({ state: 'off' });
  });

  test('removes a webhook again when it is started again', async () => {
    const world = await open();
    world.channel.start();
    const { seq } = await longPoll(world);
    await world.channel.stop();
    await fetch(`${world.telegram.origin}/bot${world.telegram.token}/setWebhook?url=https://other.example/`);
    world.channel.start();
    await longPoll(world, seq);
    expect(world.telegram.webhookInfo().url).toBe('');
  });

  test('is not disturbed by a new owner', async () => {
    const world = await open();
    world.channel.start();
    const { seq } = await longPoll(world);
    world.channel.refresh();
    world.telegram.say(world.person.id, 'one');
    await longPoll(world, seq);
    expect(callsOf(world).filter((method) => method !== 'getUpdates')).toEqual(['getMe', 'deleteWebhook']);
  });
});

describe('a conflict is explained, not fought:', () => {
  test('another program polls with the same token', async () => {
    const world = await open();
    world.channel.start();
    await longPoll(world);
    const other = fetch(`${world.telegram.origin}/bot${world.telegram.token}/getUpdates?timeout=50`);
    await expect
      .poll(() => world.channel.health())
      .toMatchObject({
        state: 'down',
        lastError: { code: 'channel_misconfigured', hint: expect.stringContaining('Another program polls') },
      });
    world.telegram.say(world.person.id, 'for the other');
    await other;
  });

  test('a webhook was set meanwhile: it stays, and is named', async () => {
    const world = await open();
    world.channel.start();
    await longPoll(world);
    await fetch(`${world.telegram.origin}/bot${world.telegram.token}/setWebhook?url=https://other.example/`);
    await world.clock.advance(1_000);
    await expect.poll(() => world.channel.health().lastError?.hint).toContain('set a webhook');
    await world.clock.advance(30_000);
    expect(world.telegram.webhookInfo().url).toBe('https://other.example/');
  });
});

test('a server that does not keep the request open is not asked without pause', async () => {
  const poll = createPoll({
    clock: createVirtualClock(),
    accept: () => undefined,
    api: { call: () => Promise.resolve({ ok: true, result: [] as never }) },
  });
  const { signal } = new AbortController();
  expect([await poll.round(signal), await poll.round(signal)]).toEqual([0, 1_000]);
});
