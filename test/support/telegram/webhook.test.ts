import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { refusedWith } from './refused-with.ts';
import { createTelegramServer } from './server.ts';
import type { TelegramServer } from './types.ts';

interface Received {
  update: Update;
  headers: IncomingMessage['headers'];
  response: ServerResponse;
}

/** Somebody to deliver to: what arrives is answered by `answer`, or kept for the test to answer. */
let hook: {
  url: string;
  server: Server;
  received: Received[];
  answer(response: ServerResponse): void;
  arrived(count: number): Promise<void>;
};
let clock: ManualClock;
let telegram: TelegramServer;
let api: Api;
let user: number;

async function openHook(): Promise<typeof hook> {
  const received: Received[] = [];
  let wake: (() => void) | undefined;
  const opened: typeof hook = {
    url: '',
    received,
    answer: (response) => void response.end(),
    server: createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const update = JSON.parse(Buffer.concat(chunks).toString()) as Update;
        received.push({ update, headers: incoming.headers, response });
        opened.answer(response);
        wake?.();
      });
    }),
    async arrived(count) {
      while (received.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
  await new Promise<void>((resolve) => opened.server.listen(0, '127.0.0.1', resolve));
  opened.url = `http://127.0.0.1:${(opened.server.address() as AddressInfo).port}/telegram/hook`;
  return opened;
}

beforeEach(async () => {
  hook = await openHook();
  clock = createManualClock(Date.UTC(2026, 10, 20, 12));
  telegram = await createTelegramServer({ clock });
  api = new Api(telegram.token, { apiRoot: telegram.origin });
  user = telegram.createUser().id;
});
afterEach(async () => {
  await telegram.close();
  hook.server.closeAllConnections();
  hook.server.close();
});

const say = (text: string, from = user): number => telegram.say(from, text).updateId ?? -1;
const heard = (): (string | undefined)[] => hook.received.map(({ update }) => update.message?.text);
const delivered = (updateId: number): Promise<unknown> =>
  telegram.waitFor('delivered', (event) => event.updateId === updateId);
const attempt = (number: number): Promise<unknown> =>
  telegram.waitFor('delivery', (event) => event.attempt === number && event.error !== null);

describe('registration', () => {
  it('is told back by getWebhookInfo, without the secret', async () => {
    await api.setWebhook(hook.url, { secret_token: 'a-Secret_1', max_connections: 7, allowed_updates: ['message'] });
    const info = await api.getWebhookInfo();
    expect(info).toEqual({
      url: hook.url,
      has_custom_certificate: false,
      pending_update_count: 0,
      max_connections: 7,
      ip_address: '127.0.0.1',
      allowed_updates: ['message'],
    });
    expect(JSON.stringify(telegram.webhookInfo())).not.toContain('a-Secret_1');
    await api.deleteWebhook();
    expect(await api.getWebhookInfo()).toMatchObject({ url: '', allowed_updates: ['message'] });
  });

  it.each([
    [{ secret_token: 'no spaces' }, 'Bad Request: secret token contains unallowed characters'],
    [{ secret_token: 'x'.repeat(257) }, 'Bad Request: secret token is too long'],
  ])('%j is refused', async (other, description) => {
    expect(await refusedWith(api.setWebhook(hook.url, other))).toBe(description);
    expect(telegram.webhookInfo().url).toBe('');
  });

  it.each([
    ['ftp://x.example', 'Bad Request: invalid webhook URL specified'],
    ['https://edge.invalid/', 'Bad Request: bad webhook: Failed to resolve host: Name or service not known'],
  ])('%s is refused', async (url, description) => {
    expect(await refusedWith(api.setWebhook(url))).toBe(description);
  });

  it("what Telegram's own servers refuse is refused outside local mode", async () => {
    await using strict = await createTelegramServer({ localMode: false });
    const strictApi = new Api(strict.token, { apiRoot: strict.origin });
    const bad = async (url: string): Promise<string> => refusedWith(strictApi.setWebhook(url));
    expect(await bad(hook.url)).toBe('Bad Request: bad webhook: An HTTPS URL must be provided for webhook');
    expect(await bad('https://edge.example:8787/')).toBe(
      'Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443',
    );
    expect(await bad('https://127.0.0.1/')).toBe('Bad Request: bad webhook: IP address 127.0.0.1 is reserved');
    await strictApi.setWebhook('https://edge.example:8443/', { max_connections: 500 });
    expect(strict.webhookInfo().max_connections).toBe(100);
  });

  it('says what it did', async () => {
    const descriptions = [];
    for (const url of [hook.url, hook.url, '', ''])
      descriptions.push(
        (
          (await (await fetch(`${telegram.origin}/bot${telegram.token}/setWebhook?url=${url}`)).json()) as {
            description: string;
          }
        ).description,
      );
    expect(descriptions).toEqual([
      'Webhook was set',
      'Webhook is already set',
      'Webhook was deleted',
      'Webhook is already deleted',
    ]);
  });

  it('what waited is sent to a new webhook, or dropped on request', async () => {
    say('one');
    await api.setWebhook(hook.url);
    await hook.arrived(1);
    await api.deleteWebhook();
    say('two');
    await api.setWebhook(hook.url, { drop_pending_updates: true });
    say('three');
    await hook.arrived(2);
    expect(heard()).toEqual(['one', 'three']);
  });
});

describe('delivery', () => {
  it('posts JSON with the secret', async () => {
    await api.setWebhook(hook.url, { secret_token: 'a-Secret_1' });
    const id = say('Hello');
    await delivered(id);
    expect(hook.received[0]).toMatchObject({
      update: { update_id: id, message: { text: 'Hello', from: { id: user } } },
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'a-Secret_1' },
    });
    expect(telegram.webhookInfo().pending_update_count).toBe(0);
  });

  it('only what is wanted; membership and reactions only when asked for by name', async () => {
    await api.setWebhook(hook.url);
    const { message } = telegram.say(user, 'one');
    expect(telegram.react(user, message.message_id, ['👍']).updateId).toBeNull();
    await api.setWebhook(hook.url, { allowed_updates: ['message_reaction'] });
    expect(telegram.say(user, 'two').updateId).toBeNull();
    expect(telegram.react(user, message.message_id, []).updateId).not.toBeNull();
  });

  it('keeps order within a chat, lets other chats and button presses pass', async () => {
    await api.setWebhook(hook.url);
    telegram.openPrivateChat(user);
    const { message_id: asked } = await api.sendMessage(user, 'Sure?', {
      reply_markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'yes' }]] },
    });
    const other = telegram.createUser().id;
    hook.answer = () => {};
    say('first');
    say('second');
    say('elsewhere', other);
    telegram.pressButton(user, asked, { data: 'yes' });
    await hook.arrived(3);
    expect(heard()).toEqual(['first', 'elsewhere', undefined]);
    expect(telegram.webhookInfo().pending_update_count).toBe(4);
    hook.received[0]?.response.end();
    await hook.arrived(4);
    expect(heard()[3]).toBe('second');
  });

  it('never holds more connections than allowed', async () => {
    await api.setWebhook(hook.url, { max_connections: 2 });
    let open = 0;
    let most = 0;
    hook.answer = (response) => {
      open += 1;
      most = Math.max(most, open);
      response.on('finish', () => (open -= 1));
    };
    const ids = Array.from({ length: 8 }, () => say('Hi', telegram.createUser().id));
    for (const [index, id] of ids.entries()) {
      await hook.arrived(Math.min(index + 2, ids.length));
      // Another way over the same network: whatever else was on its way has arrived by then.
      await api.getMe();
      hook.received[index]?.response.end();
      await delivered(id);
    }
    expect(most).toBe(2);
  });

  it('tries again at once, then ever later, and remembers the last error', async () => {
    await api.setWebhook(hook.url);
    hook.answer = (response) => void response.writeHead(500).end();
    say('Hello');
    await attempt(2);
    expect(await api.getWebhookInfo()).toMatchObject({
      pending_update_count: 1,
      last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
      last_error_date: clock.now() / 1000,
    });
    await clock.sleeping(2000);
    await clock.advance(2000);
    await attempt(3);
    await clock.sleeping(4000);
    expect(hook.received).toHaveLength(3);
    hook.answer = (response) => void response.end();
    await clock.advance(4000);
    await hook.arrived(4);
    expect(new Set(hook.received.map(({ update }) => update.update_id)).size).toBe(1);
  });

  it('waits as long as Retry-After says', async () => {
    await api.setWebhook(hook.url);
    hook.answer = (response) => void response.writeHead(503, { 'retry-after': '30' }).end();
    const id = say('Hello');
    await clock.sleeping(30_000);
    expect(hook.received).toHaveLength(1);
    hook.answer = (response) => void response.end();
    await clock.advance(30_000);
    await delivered(id);
    expect(hook.received).toHaveLength(2);
  });

  it('nobody there, and an answer that breaks off, are errors too', async () => {
    await api.setWebhook(hook.url);
    hook.answer = (response) => void response.socket?.resetAndDestroy();
    say('Hello');
    await attempt(1);
    expect(telegram.webhookInfo().last_error_message).toBe('Connection reset by peer');
    await api.setWebhook('http://127.0.0.1:9/');
    await telegram.waitFor('delivery', ({ error }) => error === 'Connection refused');
  });

  it('drops an update after a day, and button presses after 150 seconds', async () => {
    telegram.openPrivateChat(user);
    const { message_id: asked } = await api.sendMessage(user, 'Sure?', {
      reply_markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'yes' }]] },
    });
    const said = say('Hello');
    const pressed = telegram.pressButton(user, asked, { data: 'yes' }).updateId;
    await clock.advance(151_000);
    expect(telegram.pendingUpdates().map(({ update_id: id }) => id)).toEqual([said]);
    await clock.advance(86_400_000);
    expect(telegram.pendingUpdates()).toEqual([]);
    const dropped = telegram.events().flatMap((event) => (event.type === 'dropped' ? [event.updateId] : []));
    expect(dropped).toEqual([pressed, said]);
  });

  it('a webhook that says 410 is gone, and what was not taken waits', async () => {
    await api.setWebhook(hook.url);
    hook.answer = (response) => void response.writeHead(410).end();
    say('Hello');
    await telegram.waitFor('webhook', ({ url }) => url === '');
    expect(await api.getWebhookInfo()).toMatchObject({ url: '', pending_update_count: 1 });
    expect((await api.getUpdates())[0]?.message?.text).toBe('Hello');
  });
});

describe('a method in the answer', () => {
  const answerWith = (contentType: string, body: string): void => {
    hook.answer = (response) => void response.writeHead(200, { 'content-type': contentType }).end(body);
  };

  it('is carried out, as JSON or as a form', async () => {
    await api.setWebhook(hook.url);
    answerWith('application/json', JSON.stringify({ method: 'sendChatAction', chat_id: user, action: 'typing' }));
    say('Hello');
    await telegram.waitFor('action', ({ chat }) => chat === user);
    answerWith('application/x-www-form-urlencoded', `method=sendMessage&chat_id=${user}&text=Kept`);
    say('Hello?');
    expect(await telegram.waitForMessage(user)).toMatchObject({ text: 'Kept' });
    expect(telegram.calls({ method: 'sendMessage' })[0]).toMatchObject({ inWebhookAnswer: true, ok: true });
    expect(telegram.violations('bad_webhook_answer')).toEqual([]);
  });

  it('that fails, or that Telegram does not take there, is noted; an answer of words is not looked at', async () => {
    await api.setWebhook(hook.url);
    answerWith('application/json', JSON.stringify({ method: 'sendMessage', chat_id: 1, text: 'x' }));
    await delivered(say('one'));
    answerWith('application/json', JSON.stringify({ method: 'getMe' }));
    await delivered(say('two'));
    answerWith('text/plain', 'ok');
    await delivered(say('three'));
    expect(telegram.violations('bad_webhook_answer').map(({ detail }) => detail)).toEqual([
      'Bad Request: chat not found',
      'Bad Request: method is not available in the answer to a webhook request',
    ]);
  });
});

describe('what networks do', () => {
  beforeEach(async () => {
    await api.setWebhook(hook.url);
  });

  it('an update comes several times, one after the other or at the same time', async () => {
    const { updateId } = telegram.say(user, 'again', { delivery: { copies: 3 } });
    await delivered(updateId ?? 0);
    expect(heard()).toEqual(['again', 'again', 'again']);
    hook.answer = () => {};
    telegram.say(user, 'at once', { delivery: { copies: 2, atOnce: true } });
    await hook.arrived(5);
    expect(heard().slice(3)).toEqual(['at once', 'at once']);
  });

  it('a taken update comes once more', async () => {
    const id = say('Hello');
    await delivered(id);
    telegram.redeliver(id);
    await hook.arrived(2);
    expect(hook.received[1]?.update).toEqual(hook.received[0]?.update);
  });

  it('updates come in another order', async () => {
    telegram.pauseDeliveries();
    const ids = [say('one'), say('two'), say('three')];
    telegram.resumeDeliveries('reversed');
    await hook.arrived(3);
    expect(heard()).toEqual(['three', 'two', 'one']);
    await Promise.all(ids.map(delivered));
    telegram.pauseDeliveries();
    const [, five] = [say('four'), say('five'), say('six')];
    telegram.resumeDeliveries([five ?? 0]);
    await hook.arrived(6);
    expect(heard().slice(3)).toEqual(['five', 'four', 'six']);
  });

  it('what was under way when the order changed loses nothing', async () => {
    hook.answer = () => {};
    const first = say('one');
    await hook.arrived(1);
    telegram.pauseDeliveries();
    const second = say('two');
    telegram.resumeDeliveries([second]);
    const third = say('three');
    hook.answer = (response) => void response.end();
    hook.received[0]?.response.end();
    await Promise.all([first, second, third].map(delivered));
    expect(new Set(heard())).toEqual(new Set(['one', 'two', 'three']));
  });

  it('one update does not wait for its chat', async () => {
    hook.answer = () => {};
    say('slow');
    telegram.say(user, 'fast', { delivery: { outOfOrder: true } });
    await hook.arrived(2);
    expect(heard()).toEqual(['slow', 'fast']);
  });
});
