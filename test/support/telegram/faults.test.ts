import { request } from 'node:http';
import { Api, HttpError } from 'grammy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTelegramServer } from './server.ts';
import type { TelegramServer } from './types.ts';

let telegram: TelegramServer;
let api: Api;
beforeEach(async () => {
  telegram = await createTelegramServer();
  api = new Api(telegram.token, { apiRoot: telegram.origin });
});
afterEach(async () => telegram.close());

describe('faults on order', () => {
  const sendHi = async (): Promise<unknown> => api.sendMessage(chat, 'Hi');
  let chat = 0;
  beforeEach(() => {
    chat = telegram.createUser().id;
    telegram.openPrivateChat(chat);
  });

  it('429 tells how long to wait, in body and header, and does nothing', async () => {
    telegram.orderFault({ fault: { kind: 'too_many_requests', retryAfter: 3 }, method: 'sendMessage' });
    const error = await sendHi().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      error_code: 429,
      description: 'Too Many Requests: retry after 3',
      parameters: { retry_after: 3 },
    });
    expect(telegram.messages(chat)).toEqual([]);
    await sendHi();
    expect(telegram.messages(chat)).toHaveLength(1);
  });

  it('502 is a page of HTML, as a proxy gives it', async () => {
    telegram.orderFault({ fault: { kind: 'http_error', status: 502 } });
    const response = await fetch(`${telegram.origin}/bot${telegram.token}/getMe`);
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await response.text()).toContain('502 Bad Gateway');
    telegram.orderFault({ fault: { kind: 'http_error', status: 500 } });
    await expect(api.getMe()).rejects.toBeInstanceOf(HttpError);
  });

  it('a reset does nothing, a lost answer did it', async () => {
    telegram.orderFault({ fault: { kind: 'reset' }, method: 'sendMessage' });
    await expect(sendHi()).rejects.toBeInstanceOf(HttpError);
    expect(telegram.messages(chat)).toHaveLength(0);
    telegram.orderFault({ fault: { kind: 'lost_answer' }, method: 'sendMessage' });
    await expect(sendHi()).rejects.toBeInstanceOf(HttpError);
    expect(telegram.messages(chat)).toHaveLength(1);
    expect(telegram.calls({ method: 'sendMessage' })).toMatchObject([
      { processed: false, status: null, fault: 'reset' },
      { processed: true, status: null, fault: 'lost_answer' },
    ]);
  });

  it('half an answer is no JSON, but it was done', async () => {
    telegram.orderFault({ fault: { kind: 'malformed' }, method: 'sendMessage' });
    await expect(sendHi()).rejects.toBeInstanceOf(HttpError);
    expect(telegram.messages(chat)).toHaveLength(1);
  });

  it('any error of the Bot API can be ordered, for one chat, after some calls, some times', async () => {
    const fault = { kind: 'error', code: 400, description: 'Bad Request: TOPIC_CLOSED' } as const;
    telegram.orderFault({ fault, method: 'sendMessage', chat, after: 1, times: 2 });
    const other = telegram.createUser().id;
    telegram.openPrivateChat(other);
    const outcomes = [];
    for (const id of [chat, other, chat, chat, chat])
      outcomes.push(
        await api.sendMessage(id, 'Hi').then(
          () => 'sent',
          () => 'refused',
        ),
      );
    expect(outcomes).toEqual(['sent', 'sent', 'refused', 'refused', 'sent']);
  });

  it('a delay delays', async () => {
    telegram.orderFault({ fault: { kind: 'delay', ms: 5 }, method: 'getMe' });
    expect(await api.getMe()).toMatchObject({ id: 123456 });
    expect(telegram.calls()[0]?.fault).toBe('delay');
  });

  it.each([{ processed: true }, { processed: false }])(
    'a request is held ($processed) until it is released',
    async ({ processed }) => {
      const hold = telegram.hold('sendMessage', { processed });
      const sent = sendHi();
      await hold.held;
      expect(telegram.messages(chat)).toHaveLength(processed ? 1 : 0);
      hold.release();
      await sent;
      expect(telegram.messages(chat)).toHaveLength(1);
    },
  );

  it.each([{ processed: true }, { processed: false }])(
    'a request that was held ($processed) can be dropped',
    async ({ processed }) => {
      const hold = telegram.hold('sendMessage', { processed });
      const sent = sendHi();
      await hold.held;
      hold.drop();
      await expect(sent).rejects.toBeInstanceOf(HttpError);
      expect(telegram.messages(chat)).toHaveLength(processed ? 1 : 0);
    },
  );

  it('closing the server lets go of held requests and of tests that wait', async () => {
    const hold = telegram.hold('getMe', { processed: true });
    const asked = api.getMe().catch((reason: unknown) => reason);
    await hold.held;
    const waiting = telegram.waitForCall('sendMessage').catch((reason: unknown) => reason);
    await telegram.close();
    expect(await asked).toBeInstanceOf(HttpError);
    expect(String(await waiting)).toContain('was closed while a test waited for an answered sendMessage');
    telegram = await createTelegramServer();
  });

  it('the log has every call, with times that do not go back', async () => {
    await api.getMe();
    await sendHi();
    const [first, second] = telegram.calls();
    expect([first?.method, second?.method]).toEqual(['getMe', 'sendMessage']);
    expect(first?.answeredAt ?? 0).toBeGreaterThanOrEqual(first?.receivedAt ?? Number.POSITIVE_INFINITY);
    expect(second?.receivedAt ?? 0).toBeGreaterThanOrEqual(first?.answeredAt ?? Number.POSITIVE_INFINITY);
  });

  it('a caller that hangs up in the middle of its request harms nobody', async () => {
    const outgoing = request(`${telegram.origin}/bot${telegram.token}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 1000 },
    });
    const failed = new Promise((resolve) => outgoing.on('error', resolve));
    outgoing.write('{"chat');
    outgoing.destroy();
    await failed.catch(() => {});
    expect(await api.getMe()).toMatchObject({ id: 123456 });
    expect(telegram.calls({ method: 'sendMessage' })).toEqual([]);
  });
});
