/** Who owns the bot, how it fetches its messages, and what is said when Telegram does not play along. */
import { spawnSync } from 'node:child_process';
import * as z from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askDaemon } from '../../local-agent/cli/ask-daemon.ts';
import { type Line, createLine, until } from '../support/line.ts';

let line: Line;
beforeEach(async () => {
  line = await createLine({ env: { TELEGRAM_OWNER_ID: '' } });
  await line.startEdge();
});
afterEach(() => line.close());

const pryx = new URL('../../dist/pryx.js', import.meta.url).pathname;
const claimUrl = async (): Promise<string | null> =>
  z.object({ url: z.string().nullable() }).parse(await askDaemon(line.home, { path: '/claim' })).url;
const fromBot = (chat: number) => line.telegram.messages(chat).filter((message) => message.fromBot);

describe('a bot that nobody owns', () => {
  beforeEach(async () => {
    await line.startDaemon();
    await line.connected();
  });

  it('answers nobody until somebody opens the one-time link, and from then on them alone', async () => {
    line.telegram.say(line.user, 'hello');
    line.telegram.say(line.user, '/start wrongwrongwrongwrongwrongwrong');
    await until(() => line.rows("select 1 from inbox where state = 'ignored'").length === 2);
    expect(fromBot(line.user)).toEqual([]);

    const url = new URL((await claimUrl()) ?? '');
    const shown = spawnSync(process.execPath, [pryx, 'status', '--home', line.home.folder], {
      encoding: 'utf8',
    }).stdout;
    expect(shown).toContain(url.href);
    expect(shown).toMatch(/[█▀▄]{10}/);
    expect(`${url.origin}${url.pathname}`).toBe(`https://t.me/${line.telegram.bot.username}`);
    const start = `/start ${url.searchParams.get('start')}`;
    line.telegram.say(line.user, start);
    await line.telegram.waitForMessage(line.user, ({ text, fromBot: bot }) => bot && text !== '…');
    expect(await claimUrl()).toBeNull();

    const late = line.telegram.createUser({ firstName: 'Eve' });
    line.telegram.openPrivateChat(late.id);
    line.telegram.say(late.id, start);
    line.telegram.say(line.user, 'hello');
    await until(() => line.rows("select 1 from inbox where state = 'ignored'").length === 3);
    expect(fromBot(late.id)).toEqual([]);
    expect(line.rows('select user_id, role from principal')).toEqual([{ user_id: String(line.user), role: 'owner' }]);
  });

  it('tells the edge of its new owner, who then sees "typing" at once', async () => {
    const url = new URL((await claimUrl()) ?? '');
    line.telegram.say(line.user, `/start ${url.searchParams.get('start')}`);
    await line.telegram.waitForCall('setWebhook', undefined, { after: line.telegram.now() });
    line.telegram.say(line.user, 'hello');
    const typing = await line.telegram.waitForCall('sendChatAction', ({ inWebhookAnswer }) => inWebhookAnswer);
    expect(typing.params).toMatchObject({ chat_id: line.user, action: 'typing' });
  });
});

describe('polling', () => {
  it('removes the webhook first, and never has both', async () => {
    await line.startDaemon({ env: { TELEGRAM_OWNER_ID: String(line.user) } });
    await line.connected();
    expect(line.telegram.webhookInfo().url).not.toBe('');
    await line.killDaemon('SIGTERM');
    line.telegram.pauseDeliveries();
    line.telegram.say(line.user, 'remember that I said this while nobody listened');
    await line.startDaemon({ env: { TELEGRAM_OWNER_ID: String(line.user), PRYX_TELEGRAM_POLLING: 'true' } });
    await line.telegram.waitForMessage(line.user, ({ text }) => /I will remember/.test(text));
    expect(line.telegram.webhookInfo().url).toBe('');
    expect(line.telegram.calls({ method: 'getUpdates' }).filter(({ status }) => status === 409)).toEqual([]);
    expect((await line.status()).channels).toMatchObject([{ name: 'telegram', mode: 'polling', state: 'up' }]);
  });
});

describe('trouble with Telegram is said plainly in the status', () => {
  it.each([
    [{ code: 401, description: 'Unauthorized' }, 'getMe', 'channel_unauthorized'],
    [
      { code: 400, description: 'Bad Request: bad webhook: HTTPS url must be provided for webhook' },
      'setWebhook',
      'channel_misconfigured',
    ],
  ])('%j to %s is %s, with a next step, and the daemon stays up', async ({ code, description }, method, expected) => {
    line.telegram.orderFault({ method, fault: { kind: 'error', code, description }, times: null });
    await line.startDaemon();
    await until(async () => (await line.status()).channels[0]?.state === 'down');
    const { channels, daemon } = await line.status();
    expect(daemon.state).toBe('ready');
    expect(channels[0]?.lastError).toMatchObject({ code: expected, hint: expect.stringMatching(/\w/) });
    expect(JSON.stringify(channels)).not.toContain(line.telegram.token);
  });
});
