/** The whole line with real processes: what a person sees when everything is well, and when the device is away for a while. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Line, createLine, until } from '../support/line.ts';

let line: Line;
beforeEach(async () => {
  line = await createLine();
  await line.startEdge();
  await line.startDaemon();
  await line.connected();
});
afterEach(() => line.close());

const answered = (text: RegExp, chat = line.user) =>
  line.telegram.waitForMessage(chat, (message) => text.test(message.text));

describe('a message from the owner', () => {
  it('travels through webhook, mailbox, link, inbox, turn and outbox, and is answered', async () => {
    const said = line.telegram.say(line.user, 'remember that the boat is called Argo');
    await answered(/I will remember/);
    await line.idle();
    expect(line.answers()).toHaveLength(1);
    expect(line.telegram.violations()).toEqual([]);
    expect(line.rows("select job_id, state, length(body) as bytes from inbox where state <> 'ignored'")).toEqual([
      { job_id: `tg:${line.telegram.bot.id}:${said.updateId}`, state: 'done', bytes: 0 },
    ]);
    line.telegram.say(line.user, 'what is the boat called?');
    await answered(/Argo/);
  });

  it('makes the webhook say "typing", with nothing of Pryx in between', async () => {
    line.telegram.say(line.user, 'hello');
    const typing = await line.telegram.waitForCall('sendChatAction');
    expect(typing).toMatchObject({ inWebhookAnswer: true, ok: true, params: { action: 'typing' } });
    await answered(/Hello/);
  });

  it('is one answer, however often and in whatever order Telegram repeats it', async () => {
    line.telegram.pauseDeliveries();
    const said = ['one', 'two', 'three'].map((text) =>
      line.telegram.say(line.user, `remember ${text}`, { delivery: { copies: 3 } }),
    );
    line.telegram.resumeDeliveries('reversed');
    for (const text of ['one', 'two', 'three']) await answered(new RegExp(text));
    for (const { updateId } of said) line.telegram.redeliver(updateId ?? 0, { copies: 2, atOnce: true });
    await line.idle();
    expect(line.answers()).toHaveLength(3);
    expect(line.rows('select count(*) as jobs from inbox')).toEqual([{ jobs: 3 }]);
  });

  it('is edited: the answer to the last word counts', async () => {
    const { message } = line.telegram.say(line.user, 'remember the key is red');
    await answered(/red/);
    line.telegram.edit(line.user, message.message_id, 'what did I say about the key?');
    await until(() => line.answers().length === 2);
    await line.idle();
    expect(line.rows("select edited_at is not null as edited from message where role = 'user'")).toEqual([
      { edited: 1 },
    ]);
  });

  it('can be a button: forgetting asks first, and the press carries it out', async () => {
    line.telegram.say(line.user, 'remember the alarm code is 1234');
    await answered(/I will remember/);
    line.telegram.say(line.user, '/forget alarm');
    const question = await line.telegram.waitForMessage(
      line.user,
      (message) => message.replyMarkup !== null && message.replyMarkup !== undefined && message.edits > 0,
    );
    const label = (
      question.raw.reply_markup as { inline_keyboard: { text: string; callback_data: string }[][] }
    ).inline_keyboard.flat()[0];
    line.telegram.pressButton(line.user, question.id, { data: label?.callback_data ?? '' });
    await line.telegram.waitFor('callback_answer');
    await line.idle();
    expect(line.rows('select count(*) as kept from memory')).toEqual([{ kept: 0 }]);
  });
});

describe('everybody else', () => {
  it('gets no answer, no typing, and leaves nothing behind', async () => {
    const stranger = line.telegram.createUser({ firstName: 'Eve' });
    line.telegram.openPrivateChat(stranger.id);
    line.telegram.say(stranger.id, 'let me in');
    await until(() => line.rows("select 1 from inbox where state = 'ignored'").length === 1);
    expect(line.telegram.messages(stranger.id).filter(({ fromBot }) => fromBot)).toEqual([]);
    expect(
      line.telegram.calls().filter(({ method }) => method === 'sendChatAction' || method === 'sendMessage'),
    ).toEqual([]);
    expect(
      line.rows(
        'select (select count(*) from message) + (select count(*) from conversation) + (select sum(length(body)) from inbox) as traces',
      ),
    ).toEqual([{ traces: 0 }]);
  });
});

describe('fifty conversations at once', () => {
  it('are all answered, each in its own order', async () => {
    const chats = Array.from({ length: 50 }, (_, index) =>
      line.telegram.createSupergroup({ title: `Group ${index}`, members: [line.user] }),
    );
    for (const word of ['one', 'two']) {
      for (const chat of chats)
        line.telegram.say(line.user, `@${line.telegram.bot.username} remember ${word} of ${Math.abs(chat)}`, { chat });
    }
    for (const chat of chats) await answered(/two/, chat);
    for (const chat of chats)
      expect(line.answers(chat).map(({ text }) => /one|two/.exec(text)?.[0])).toEqual(['one', 'two']);
  });
});

describe('while the device is away', () => {
  it('the user is told once that the message is kept, and everything arrives in order when it is back', async () => {
    await line.killDaemon();
    for (const text of ['remember one', 'remember two', 'remember three']) line.telegram.say(line.user, text);
    const notice = await line.telegram.waitForCall('sendMessage', ({ inWebhookAnswer }) => inWebhookAnswer);
    await until(() => line.telegram.pendingUpdates().length === 0);
    expect(line.telegram.calls({ method: 'sendMessage' })).toHaveLength(1);
    expect(String(notice.params.text)).toMatch(/kept/i);
    await line.startDaemon();
    await answered(/three/);
    await line.idle();
    expect(
      line
        .answers()
        .slice(1)
        .map(({ text }) => /one|two|three/.exec(text)?.[0]),
    ).toEqual(['one', 'two', 'three']);
  });
});
