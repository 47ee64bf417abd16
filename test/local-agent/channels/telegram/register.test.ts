import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../../local-agent/core/settings.ts';
import { PryxError } from '../../../../shared/error.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { type OpenOptions, type OpenTelegram, openTelegram } from './open-telegram.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

/** Time stands still for the channel, so that it looks again only when the test says so. */
async function open(
  options: OpenOptions = {},
): Promise<OpenTelegram & { clock: ReturnType<typeof createVirtualClock> }> {
  const clock = createVirtualClock();
  const world = await openTelegram({ ...options, deps: { clock, ...options.deps } });
  cleanUp.push(world.close);
  return { ...world, clock };
}

const up = async ({ channel }: OpenTelegram): Promise<void> => {
  await expect.poll(() => channel.health().state).toBe('up');
};
const down = async ({ channel }: OpenTelegram, lastError: object): Promise<void> => {
  await expect.poll(() => channel.health()).toMatchObject({ state: 'down', lastError });
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

describe('webhook mode', () => {
  test('tells the edge the hook and Telegram the address, and knows itself registered', async () => {
    const world = await open({ deps: { answeredUsers: () => [42] } });
    const { telegram, channel, hooks, saved } = world;
    channel.start();
    expect(channel.health()).toEqual({ state: 'starting', mode: 'webhook', account: null, lastError: null });
    await up(world);
    expect(channel.health()).toEqual({ state: 'up', mode: 'webhook', account: '@pryx_dev_bot', lastError: null });
    expect(saved.account).toBe('pryx_dev_bot');
    expect(saved.secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(hooks).toEqual([{ bot: '6833000441', secretSha256: sha256(saved.secret ?? ''), answeredUsers: [42] }]);
    expect(telegram.calls({ method: 'setWebhook' }).map(({ params }) => params)).toEqual([
      {
        url: `${telegram.origin}/telegram/hook`,
        secret_token: saved.secret,
        allowed_updates: ['message', 'edited_message', 'callback_query', 'my_chat_member'],
        max_connections: 100,
        drop_pending_updates: false,
      },
    ]);
    expect(telegram.calls({ method: 'getUpdates' })).toEqual([]);
    expect(telegram.violations()).toEqual([]);
  });

  test('keeps its secret over a restart', async () => {
    const world = await open();
    world.channel.start();
    await up(world);
    await world.channel.stop();
    const next = world.again();
    next.start();
    await expect.poll(() => next.health().state).toBe('up');
    expect(new Set(world.hooks.map(({ secretSha256 }) => secretSha256)).size).toBe(1);
  });

  test('takes address and secret from the settings when they are given', async () => {
    const world = await open({
      settings: { webhookUrl: 'https://mine.example/tg', webhookSecret: new Secret('chosen') },
    });
    world.channel.start();
    await up(world);
    expect(world.telegram.calls({ method: 'setWebhook' })[0]?.params).toMatchObject({
      url: 'https://mine.example/tg',
      secret_token: 'chosen',
    });
    expect(world.hooks[0]?.secretSha256).toBe(sha256('chosen'));
    expect(world.saved.secret).toBeNull();
  });

  test('registers anew when the owner changes, at once and without losing what waits', async () => {
    let answered: number[] = [];
    const world = await open({ deps: { answeredUsers: () => answered } });
    world.channel.start();
    await up(world);
    world.telegram.pauseDeliveries();
    world.telegram.say(world.person.id, 'waiting');
    answered = [42];
    world.channel.refresh();
    await expect.poll(() => world.hooks.map(({ answeredUsers }) => answeredUsers)).toEqual([[], [42]]);
    await up(world);
    expect(world.telegram.pendingUpdates()).toHaveLength(1);
  });

  test('knows who it is from the time before, until Telegram tells', async () => {
    const world = await open({ deps: { account: 'my_pryx_bot' } });
    expect(world.channel.health().account).toBe('@my_pryx_bot');
  });
});

describe('when registration fails, health says plainly why:', () => {
  test('a token that Telegram does not know', async () => {
    const world = await open({ settings: { botToken: new Secret(`6833000441:${'x'.repeat(35)}`) } });
    world.channel.start();
    await down(world, {
      code: 'channel_unauthorized',
      message: "Telegram does not know the bot's token (401: Unauthorized).",
      hint: expect.stringContaining('@BotFather'),
    });
    expect(JSON.stringify([world.log.lines, world.channel.health()])).not.toContain('xxxxx');
  });

  test('an address that Telegram does not take', async () => {
    const world = await open({ server: { localMode: false } });
    world.channel.start();
    await down(world, { code: 'channel_misconfigured', hint: expect.stringContaining('public https address') });
  });

  test('an edge that cannot be reached', async () => {
    const error = new PryxError('unavailable', 'The edge does not answer.', { hint: 'Start it.' });
    const world = await open({ deps: { registerHook: () => Promise.reject(error) } });
    world.channel.start();
    await down(world, { code: 'unavailable', message: 'The edge does not answer.', hint: 'Start it.' });
    expect(world.telegram.calls({ method: 'setWebhook' })).toEqual([]);
  });

  test('a proxy in place of Telegram', async () => {
    const world = await open();
    world.telegram.orderFault({ fault: { kind: 'http_error', status: 502 }, method: 'getMe' });
    world.channel.start();
    await down(world, { code: 'channel_unreachable', hint: expect.stringContaining('TELEGRAM_API_ROOT') });
  });
});

describe('before this device is paired', () => {
  test('there is no address for Telegram yet: that is told, and nothing to be warned of', async () => {
    const error = new PryxError('not_paired', 'This device is not paired.', { hint: 'Pair it with `pryx pair`.' });
    const world = await open({ deps: { registerHook: () => Promise.reject(error) } });
    world.channel.start();
    await down(world, { code: 'not_paired' });
    expect(world.log.lines).toMatchObject([
      { severity: 'INFO', event: 'telegram.down', fields: { code: 'not_paired' } },
    ]);
  });
});

describe('trouble passes', () => {
  test('it tries again until Telegram answers, and logs the same trouble once', async () => {
    const world = await open();
    world.telegram.orderFault({ fault: { kind: 'reset' }, method: 'getMe', times: 3 });
    world.channel.start();
    await down(world, { code: 'channel_unreachable' });
    const laterState = async (): Promise<string> => {
      await world.clock.advance(30_000);
      return world.channel.health().state;
    };
    await expect.poll(laterState).toBe('up');
    expect(world.telegram.calls({ method: 'getMe' })).toHaveLength(4);
    expect(world.log.lines.map(({ event }) => event)).toEqual(['telegram.down', 'telegram.up']);
  });

  test('a webhook that somebody took away is found within minutes, named, and set again', async () => {
    const world = await open();
    const { telegram, channel, clock } = world;
    channel.start();
    await up(world);
    await clock.advance(10_000);
    await expect.poll(() => telegram.calls({ method: 'getWebhookInfo' }).length).toBe(2);
    await fetch(`${telegram.origin}/bot${telegram.token}/setWebhook?url=https://other.example/`);
    await clock.advance(5 * 60_000);
    await down(world, { code: 'channel_misconfigured', message: 'The webhook of this bot leads somewhere else.' });
    await clock.advance(1_000);
    await up(world);
    expect(telegram.webhookInfo().url).toBe(`${telegram.origin}/telegram/hook`);
  });

  test('an edge that refuses what Telegram brings is found soon, named, and well again when it takes it', async () => {
    let status = 401;
    const edge = createServer(
      (request, response) => void request.resume().on('end', () => response.writeHead(status).end()),
    );
    edge.listen(0, '127.0.0.1');
    await once(edge, 'listening');
    cleanUp.push(async () => {
      edge.closeAllConnections();
      edge.close();
    });
    const url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}/telegram/h`;
    const world = await open({
      deps: { registerHook: () => Promise.resolve(url) },
      server: { webhook: { retryBaseMs: 5 } },
    });
    const { telegram, channel, clock } = world;
    channel.start();
    await up(world);
    telegram.say(world.person.id, 'Hello?');
    await telegram.waitFor('delivery', ({ status: answered }) => answered === 401);
    await clock.advance(10_000);
    await down(world, {
      code: 'channel_misconfigured',
      message: 'Telegram cannot hand over 1 update: Wrong response from the webhook: 401 Unauthorized.',
      hint: expect.stringContaining('secret'),
    });
    const { seq } = await telegram.waitFor('delivery');
    await clock.advance(30_000);
    await telegram.waitFor('delivery', () => true, { after: seq });
    expect(channel.health().state).toBe('down');
    status = 200;
    await telegram.waitFor('delivered');
    await clock.advance(30_000);
    await up(world);
    // What waits now, waits for no error.
    telegram.pauseDeliveries();
    telegram.say(world.person.id, 'Later.');
    const looks = telegram.calls({ method: 'getWebhookInfo' }).length;
    await clock.advance(5 * 60_000);
    await expect.poll(() => telegram.calls({ method: 'getWebhookInfo' }).length).toBeGreaterThan(looks);
    await clock.advance(0);
    expect(channel.health().state).toBe('up');
  });
});

test('stopping waits for nobody', async () => {
  let asked = false;
  const registerHook = (): Promise<string> => {
    asked = true;
    return new Promise(() => undefined);
  };
  const world = await open({ deps: { registerHook } });
  world.channel.start();
  await expect.poll(() => asked).toBe(true);
  await world.channel.stop();
  expect(world.channel.health()).toMatchObject({ state: 'off', mode: 'none' });
});
