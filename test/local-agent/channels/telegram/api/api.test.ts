import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TelegramApi, createApi } from '../../../../../local-agent/channels/telegram/api/api.ts';
import { createTransport } from '../../../../../local-agent/channels/telegram/api/transport.ts';
import { createTelegramServer } from '../../../../support/telegram/server.ts';
import type { TelegramServer } from '../../../../support/telegram/types.ts';
import { createVirtualClock } from '../../../../support/virtual-clock.ts';

let telegram: TelegramServer;
let api: TelegramApi;
let transport: ReturnType<typeof createTransport>;
const clock = createVirtualClock();
const { signal } = new AbortController();

beforeEach(async () => {
  telegram = await createTelegramServer();
  transport = createTransport({ clock, random: { fraction: () => 0, bytes: (length) => new Uint8Array(length) } });
  api = createApi({ token: telegram.token, apiRoot: telegram.origin, transport, clock });
});
afterEach(async () => {
  transport.close();
  await telegram.close();
});

describe('a call', () => {
  test('gives the result', async () => {
    expect(await api.call('getMe', {}, { signal })).toMatchObject({ ok: true, result: { is_bot: true } });
  });

  test('that is refused gives code, description and what Telegram asks for', async () => {
    expect(await api.call('sendMessage', { chat_id: 5, text: 'x' }, { signal })).toEqual({
      ok: false,
      failure: { kind: 'refused', code: 400, description: 'Bad Request: chat not found' },
    });
    telegram.orderFault({ fault: { kind: 'too_many_requests', retryAfter: 4 } });
    expect(await api.call('getMe', {}, { signal })).toMatchObject({ failure: { code: 429, retryAfterSeconds: 4 } });
  });

  test('that is refused with a pause or a chat that makes no sense leaves that out', async () => {
    const strange = createServer((_, response) => {
      const parameters = { retry_after: -5, migrate_to_chat_id: 'everywhere' };
      response.end(JSON.stringify({ ok: false, error_code: 429, description: 'Too Many Requests', parameters }));
    });
    await new Promise<void>((resolve) => void strange.listen(0, '127.0.0.1', resolve));
    const apiRoot = `http://127.0.0.1:${(strange.address() as AddressInfo).port}`;
    const answer = await createApi({ token: telegram.token, apiRoot, transport, clock }).call('getMe', {}, { signal });
    expect(answer).toEqual({
      ok: false,
      failure: { kind: 'refused', code: 429, description: 'Too Many Requests' },
    });
    strange.closeAllConnections();
    strange.close();
  });

  test('does not repeat what Telegram quotes of a message', async () => {
    const { id } = telegram.createUser();
    telegram.openPrivateChat(id);
    const answer = await api.call('sendMessage', { chat_id: id, text: '<my-diary>', parse_mode: 'HTML' }, { signal });
    expect(answer).toMatchObject({ failure: { description: expect.stringContaining('Unsupported start tag “…”') } });
    expect(JSON.stringify(answer)).not.toContain('diary');
  });

  test('ends after 30 seconds, or as told', async () => {
    const hold = telegram.hold('getMe', { processed: false });
    const slow = api.call('getMe', {}, { signal });
    await hold.held;
    await clock.advance(29_999);
    await clock.advance(1);
    expect(await slow).toEqual({
      ok: false,
      failure: { kind: 'unanswered', left: true, message: 'no answer in time' },
    });
    hold.drop();
    const second = telegram.hold('getMe', { processed: false });
    const quick = api.call('getMe', {}, { signal, timeoutMs: 500 });
    await second.held;
    await clock.advance(500);
    expect(await quick).toMatchObject({ ok: false });
  });

  test('ends when its caller gives up', async () => {
    const giveUp = new AbortController();
    const hold = telegram.hold('getMe', { processed: false });
    const call = api.call('getMe', {}, { signal: giveUp.signal });
    await hold.held;
    giveUp.abort();
    expect(await call).toMatchObject({ failure: { kind: 'unanswered', left: true } });
  });

  test('names what an intermediary answered', async () => {
    telegram.orderFault({ fault: { kind: 'http_error', status: 502 } });
    expect(await api.call('getMe', {}, { signal })).toMatchObject({
      failure: { kind: 'unanswered', left: true, status: 502 },
    });
  });

  test('never tells the token, not even when Telegram does', async () => {
    const description = `Bad Request: wrong path /bot${telegram.token}/getMe`;
    telegram.orderFault({ fault: { kind: 'error', code: 400, description } });
    expect(await api.call('getMe', {}, { signal })).toMatchObject({
      failure: { description: 'Bad Request: wrong path /bot[token]/getMe' },
    });
  });
});
