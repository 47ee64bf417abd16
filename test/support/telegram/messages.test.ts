import { Api } from 'grammy';
import type { User } from 'grammy/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { refusedWith } from './refused-with.ts';
import { createTelegramServer } from './server.ts';
import type { TelegramServer } from './types.ts';

let clock: ManualClock;
let telegram: TelegramServer;
let api: Api;
let ada: User;
beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 20, 12));
  telegram = await createTelegramServer({ clock });
  api = new Api(telegram.token, { apiRoot: telegram.origin });
  ada = telegram.createUser({ firstName: 'Ada', username: 'ada' });
});
afterEach(async () => telegram.close());

const yes = { inline_keyboard: [[{ text: 'Yes', callback_data: 'yes' }]] };
const texts = (chat: number): string[] => telegram.messages(chat).map(({ text }) => text);

describe('who can be written to', () => {
  it('a person is unknown until they talk to the bot or share a group with it', async () => {
    expect(await refusedWith(api.sendMessage(4711, 'Hi'))).toBe('Bad Request: chat not found');
    expect(await refusedWith(api.sendMessage(ada.id, 'Hi'))).toBe('Bad Request: chat not found');
    telegram.createGroup({ members: [ada.id] });
    expect(await refusedWith(api.sendMessage(ada.id, 'Hi'))).toBe(
      "Forbidden: bot can't initiate conversation with a user",
    );
    telegram.say(ada.id, '/start');
    expect(await api.sendMessage(ada.id, 'Hi')).toMatchObject({ text: 'Hi', chat: { id: ada.id, type: 'private' } });
  });

  it('who blocks the bot hears nothing until they unblock it, and the bot is told both', async () => {
    telegram.say(ada.id, 'Hi');
    telegram.block(ada.id);
    expect(await refusedWith(api.sendMessage(ada.id, 'Hi'))).toBe('Forbidden: bot was blocked by the user');
    expect(await refusedWith(api.sendChatAction(ada.id, 'typing'))).toBe('Forbidden: bot was blocked by the user');
    telegram.unblock(ada.id);
    await api.sendMessage(ada.id, 'Hi');
    const changes = (await api.getUpdates()).flatMap(
      ({ my_chat_member: change }) => change?.new_chat_member.status ?? [],
    );
    expect(changes).toEqual(['kicked', 'member']);
  });

  it('a bot that was removed from a group cannot write there', async () => {
    const group = telegram.createSupergroup({ members: [ada.id] });
    telegram.removeBot(ada.id, group);
    expect(await refusedWith(api.sendMessage(group, 'Hi'))).toBe('Forbidden: bot was kicked from the supergroup chat');
  });

  it('a public group is found by its name', async () => {
    const group = telegram.createSupergroup({ members: [ada.id], username: 'readers' });
    expect((await api.sendMessage('@readers', 'Hi')).chat.id).toBe(group);
  });
});

describe('sending', () => {
  beforeEach(() => telegram.openPrivateChat(ada.id));

  it('ids count up over all private chats and basic groups, and on their own in each supergroup', async () => {
    const group = telegram.createGroup({ members: [ada.id] });
    const first = telegram.createSupergroup({ members: [ada.id] });
    const second = telegram.createSupergroup({ members: [ada.id] });
    const ids = [];
    for (const chat of [ada.id, group, first, second, ada.id, second])
      ids.push((await api.sendMessage(chat, 'Hi')).message_id);
    expect(ids).toEqual([1, 2, 1, 1, 3, 2]);
  });

  it('answers with the message, dated, with what Telegram marks by itself', async () => {
    const message = await api.sendMessage(ada.id, '/help and https://pryx.dev, @ada #tea', { reply_markup: yes });
    expect(message).toMatchObject({
      message_id: 1,
      date: Date.UTC(2026, 10, 20, 12) / 1000,
      from: { id: 123456, is_bot: true, username: 'pryx_dev_bot' },
      reply_markup: yes,
    });
    expect(message.entities?.map(({ type }) => type)).toEqual(['bot_command', 'url', 'mention', 'hashtag']);
  });

  it('4096 characters are the most, counted in UTF-16 after the markup is gone', async () => {
    await api.sendMessage(ada.id, `<b>${'x'.repeat(4096)}</b>`, { parse_mode: 'HTML' });
    expect(await refusedWith(api.sendMessage(ada.id, 'x'.repeat(4097)))).toBe('Bad Request: message is too long');
    expect(await refusedWith(api.sendMessage(ada.id, '😀'.repeat(2049)))).toBe('Bad Request: message is too long');
    expect(await refusedWith(api.sendMessage(ada.id, 'x'.repeat(32769)))).toBe('Bad Request: text is too long');
  });

  it('nothing but white space is nothing', async () => {
    expect(await refusedWith(api.sendMessage(ada.id, ' \n '))).toBe('Bad Request: text must be non-empty');
    expect(await refusedWith(api.sendMessage(ada.id, '<b></b>', { parse_mode: 'HTML' }))).toBe(
      'Bad Request: text must be non-empty',
    );
  });

  it('a reply shows what it answers, and needs it to be there', async () => {
    const { message } = telegram.say(ada.id, 'Question?');
    const reply = await api.sendMessage(ada.id, 'Answer.', { reply_parameters: { message_id: message.message_id } });
    expect(reply.reply_to_message).toMatchObject({ text: 'Question?', from: { id: ada.id } });
    const gone = { message_id: 999 };
    expect(await refusedWith(api.sendMessage(ada.id, 'Answer.', { reply_parameters: gone }))).toBe(
      'Bad Request: message to be replied not found',
    );
    const free = { ...gone, allow_sending_without_reply: true };
    expect((await api.sendMessage(ada.id, 'Answer.', { reply_parameters: free })).reply_to_message).toBeUndefined();
  });

  it.each([
    ['callback_data of 65 bytes', [{ text: 'Go', callback_data: 'é'.repeat(33) }], 'Bad Request: BUTTON_DATA_INVALID'],
    [
      'a button that does nothing',
      [{ text: 'Go' }],
      "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ],
    [
      'a button without a label',
      [{ text: ' ', callback_data: 'x' }],
      'Bad Request: inline keyboard button text must be non-empty',
    ],
    [
      'a link to nowhere',
      [{ text: 'Go', url: 'nowhere' }],
      'Bad Request: inline keyboard button URL \'nowhere\' is invalid: Wrong HTTP URL (button "Go")',
    ],
  ])('%s is refused', async (_, row, description) => {
    const reply_markup = { inline_keyboard: [row as never] };
    expect(await refusedWith(api.sendMessage(ada.id, 'Hi', { reply_markup }))).toBe(description);
    await api.sendMessage(ada.id, 'Hi', {
      reply_markup: { inline_keyboard: [[{ text: 'Go', callback_data: 'é'.repeat(32) }]] },
    });
  });

  it('typing shows, a wrong action does not', async () => {
    await api.sendChatAction(ada.id, 'typing');
    expect(telegram.events().filter(({ type }) => type === 'action')).toMatchObject([
      { chat: ada.id, action: 'typing' },
    ]);
    expect(await refusedWith(api.sendChatAction(ada.id, 'sleeping' as never))).toBe(
      'Bad Request: wrong parameter action in request',
    );
  });

  it('a draft shows in a private chat and leaves no message', async () => {
    await api.raw.sendMessageDraft({ chat_id: ada.id, draft_id: 7, text: 'Thin' });
    await api.raw.sendMessageDraft({ chat_id: ada.id, draft_id: 7, text: '' });
    expect(telegram.events().filter(({ type }) => type === 'draft')).toMatchObject([{ text: 'Thin' }, { text: '' }]);
    expect(telegram.messages(ada.id)).toEqual([]);
    const group = telegram.createGroup({ members: [ada.id] });
    expect(await refusedWith(api.raw.sendMessageDraft({ chat_id: group, draft_id: 7, text: 'x' }))).toBe(
      'Bad Request: TEXTDRAFT_PEER_INVALID',
    );
    expect(await refusedWith(api.raw.sendMessageDraft({ chat_id: ada.id, draft_id: 0, text: 'x' }))).toBe(
      'Bad Request: RANDOM_ID_INVALID',
    );
  });

  it('reactions are one of those that Telegram has', async () => {
    const { message } = telegram.say(ada.id, 'Done!');
    await api.setMessageReaction(ada.id, message.message_id, [{ type: 'emoji', emoji: '👍' }]);
    expect(await refusedWith(api.setMessageReaction(ada.id, 99, []))).toBe('Bad Request: message to react not found');
    const wrong = [{ type: 'emoji', emoji: '🥦' as never }] as const;
    expect(await refusedWith(api.setMessageReaction(ada.id, message.message_id, [...wrong]))).toBe(
      'Bad Request: REACTION_INVALID',
    );
  });
});

describe('editing and deleting', () => {
  beforeEach(() => telegram.openPrivateChat(ada.id));

  it('an edit shows, counts, and is dated', async () => {
    const { message_id: id } = await api.sendMessage(ada.id, '…');
    await clock.advance(2000);
    expect(await api.editMessageText(ada.id, id, 'Done.')).toMatchObject({
      text: 'Done.',
      edit_date: expect.any(Number),
    });
    expect(telegram.messages(ada.id)).toMatchObject([{ id, text: 'Done.', edits: 1, deleted: false }]);
  });

  it('an edit that changes nothing is refused, and one that leaves the buttons out takes them away', async () => {
    const same =
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message';
    const { message_id: id } = await api.sendMessage(ada.id, 'Sure?', { reply_markup: yes });
    expect(await refusedWith(api.editMessageText(ada.id, id, 'Sure?', { reply_markup: yes }))).toBe(same);
    expect(await refusedWith(api.editMessageReplyMarkup(ada.id, id, { reply_markup: yes }))).toBe(same);
    await api.editMessageText(ada.id, id, 'Sure?');
    expect(telegram.messages(ada.id)[0]?.replyMarkup).toBeNull();
    expect(
      await refusedWith(
        api
          .editMessageText(ada.id, id, '*Sure?*', { parse_mode: 'HTML' })
          .then(() => api.editMessageText(ada.id, id, '*Sure?*')),
      ),
    ).toBe(same);
  });

  it('only what is there, is its own, and is text can be edited', async () => {
    const { message } = telegram.say(ada.id, 'Mine');
    const { message_id: id } = await api.sendMessage(ada.id, 'Ours');
    expect(await refusedWith(api.editMessageText(ada.id, 99, 'x'))).toBe('Bad Request: message to edit not found');
    expect(await refusedWith(api.editMessageText(ada.id, message.message_id, 'x'))).toBe(
      "Bad Request: message can't be edited",
    );
    expect(await refusedWith(api.editMessageText(ada.id, id, 'x'.repeat(4097)))).toBe('Bad Request: MESSAGE_TOO_LONG');
    telegram.deleteAsUser(ada.id, id);
    expect(await refusedWith(api.editMessageText(ada.id, id, 'x'))).toBe('Bad Request: message to edit not found');
  });

  it('deletes its own messages, in private those of the other, not those older than two days', async () => {
    const { message } = telegram.say(ada.id, 'Mine');
    const { message_id: old } = await api.sendMessage(ada.id, 'Old');
    await api.deleteMessage(ada.id, message.message_id);
    await clock.advance(49 * 3_600_000);
    expect(await refusedWith(api.deleteMessage(ada.id, old))).toBe("Bad Request: message can't be deleted");
    expect(await refusedWith(api.deleteMessage(ada.id, 99))).toBe('Bad Request: message to delete not found');
    const { message_id: young } = await api.sendMessage(ada.id, 'Young');
    await api.deleteMessages(ada.id, [young, 99]);
    expect(telegram.messages(ada.id).map(({ deleted }) => deleted)).toEqual([true, false, true]);
    const group = telegram.createGroup({ members: [ada.id] });
    const { message: said } = telegram.say(ada.id, 'Mine', { chat: group });
    expect(await refusedWith(api.deleteMessage(group, said.message_id))).toBe("Bad Request: message can't be deleted");
  });
});

describe('buttons', () => {
  beforeEach(() => telegram.openPrivateChat(ada.id));

  it('a press reaches the bot and is confirmed once, and in time', async () => {
    const { message_id: id } = await api.sendMessage(ada.id, 'Sure?', { reply_markup: yes });
    const tooOld = 'Bad Request: query is too old and response timeout expired or query ID is invalid';
    const { callbackQueryId } = telegram.pressButton(ada.id, id, { label: 'Yes' });
    const [update] = await api.getUpdates();
    expect(update?.callback_query).toMatchObject({ id: callbackQueryId, data: 'yes', message: { message_id: id } });
    await api.answerCallbackQuery(callbackQueryId, { text: 'Noted' });
    expect(await telegram.waitFor('callback_answer')).toMatchObject({
      callbackQueryId,
      text: 'Noted',
      showAlert: false,
    });
    expect(await refusedWith(api.answerCallbackQuery(callbackQueryId))).toBe(tooOld);
    expect(await refusedWith(api.answerCallbackQuery('123'))).toBe(tooOld);
    const late = telegram.pressButton(ada.id, id, { data: 'yes' });
    await clock.advance(16 * 60_000);
    expect(await refusedWith(api.answerCallbackQuery(late.callbackQueryId))).toBe(tooOld);
  });

  it('a button that is not there cannot be pressed', async () => {
    const { message_id: id } = await api.sendMessage(ada.id, 'Sure?', { reply_markup: yes });
    expect(() => telegram.pressButton(ada.id, id, { data: 'no' })).toThrow('no such button');
    await api.editMessageText(ada.id, id, 'Done');
    expect(() => telegram.pressButton(ada.id, id, { data: 'yes' })).toThrow('no such button');
  });
});

describe('groups and topics', () => {
  it('a message in a topic stays there; an unknown topic is refused', async () => {
    const forum = telegram.createSupergroup({ members: [ada.id], forum: true });
    const topic = telegram.createTopic(forum, 'Books');
    const { message } = telegram.say(ada.id, 'Hi', { chat: forum, thread: topic });
    expect(message).toMatchObject({ message_thread_id: topic, is_topic_message: true, chat: { is_forum: true } });
    expect(await api.sendMessage(forum, 'Hello', { message_thread_id: topic })).toMatchObject({
      message_thread_id: topic,
    });
    expect(await api.sendMessage(forum, 'To all')).not.toHaveProperty('message_thread_id');
    expect(await refusedWith(api.sendMessage(forum, 'x', { message_thread_id: 99 }))).toBe(
      'Bad Request: message thread not found',
    );
    expect(await refusedWith(api.sendChatAction(forum, 'typing', { message_thread_id: 99 }))).toBe(
      'Bad Request: message thread not found',
    );
  });

  it('without topics the thread is the root of the replies, and is no topic', () => {
    const group = telegram.createSupergroup({ members: [ada.id] });
    const { message: root } = telegram.say(ada.id, 'One', { chat: group });
    const { message: reply } = telegram.reply(ada.id, root.message_id, 'Two', { chat: group });
    const { message: last } = telegram.reply(ada.id, reply.message_id, 'Three', { chat: group });
    expect(last).toMatchObject({ message_thread_id: root.message_id, reply_to_message: { text: 'Two' } });
    expect(last).not.toHaveProperty('is_topic_message');
    expect(last.reply_to_message).not.toHaveProperty('reply_to_message');
  });

  it('in privacy mode the bot sees commands, mentions and replies to it, nothing else', async () => {
    await using shy = await createTelegramServer({ readsAllGroupMessages: false });
    const shyApi = new Api(shy.token, { apiRoot: shy.origin });
    const { id } = shy.createUser();
    const group = shy.createGroup({ members: [id] });
    const { message_id: asked } = await shyApi.sendMessage(group, 'Anything?');
    const chat = { chat: group };
    const seen = [
      shy.say(id, 'just talk', chat),
      shy.say(id, '/help', chat),
      shy.say(id, '/help@other_bot', chat),
      shy.say(id, '@Pryx_dev_bot hello', chat),
      shy.reply(id, asked, 'yes', chat),
      shy.say(id, 'hello'),
    ].map(({ updateId }) => updateId !== null);
    expect(seen).toEqual([false, true, false, true, true, true]);
    expect(await shyApi.getMe()).toMatchObject({ can_read_all_group_messages: false });
  });

  it('people edit, react and send media as Telegram tells it', async () => {
    await api.getUpdates({ allowed_updates: ['message', 'edited_message', 'message_reaction'] });
    const { message } = telegram.say(ada.id, 'Buy mlik');
    telegram.edit(ada.id, message.message_id, 'Buy milk');
    telegram.react(ada.id, message.message_id, ['👍']);
    for (const kind of ['photo', 'voice', 'sticker', 'location', 'contact', 'poll', 'dice', 'animation'] as const)
      telegram.sendMedia(ada.id, kind, { caption: 'see #this' });
    const updates = await api.getUpdates();
    expect(updates[1]?.edited_message).toMatchObject({ text: 'Buy milk', edit_date: expect.any(Number) });
    expect(updates[2]?.message_reaction?.new_reaction).toEqual([{ type: 'emoji', emoji: '👍' }]);
    expect(updates[3]?.message).toMatchObject({
      photo: [{ width: 128 }, { width: 1280 }],
      caption_entities: [{ type: 'hashtag' }],
    });
    expect(updates).toHaveLength(11);
  });

  it('a raw update makes its people and chats known', async () => {
    const from = { id: 42, is_bot: false, first_name: 'Raw' };
    const chat = { id: 42, type: 'private', first_name: 'Raw' };
    telegram.pushUpdate({ update_id: 5, message: { message_id: 70, date: 1, chat, from, text: 'Hi' } });
    telegram.pushUpdate({ poll_answer: { poll_id: '1', user: from, option_ids: [0] } });
    expect(await api.sendMessage(42, 'Hello')).toMatchObject({ message_id: 71 });
    expect(texts(42)).toEqual(['Hi', 'Hello']);
    expect(telegram.pendingUpdates().map((update) => Object.keys(update)[1])).toEqual(['message', 'poll_answer']);
  });
});

describe('limits on sending', () => {
  beforeEach(() => telegram.openPrivateChat(ada.id));

  it('too many messages in one chat are noted, and refused when that is wanted', async () => {
    await api.sendMessage(ada.id, '1');
    await clock.advance(960);
    await api.sendMessage(ada.id, '2');
    expect(telegram.violations('flood')).toEqual([]);
    await api.sendMessage(ada.id, '3');
    expect(telegram.violations('flood')).toMatchObject([{ method: 'sendMessage', detail: `per chat, chat ${ada.id}` }]);
    telegram.setFlood({ enforce: true });
    expect(await refusedWith(api.sendMessage(ada.id, '4'))).toMatch(/^Too Many Requests: retry after [12]$/);
    await clock.advance(2000);
    await api.sendMessage(ada.id, '4');
    expect(texts(ada.id)).toEqual(['1', '2', '3', '4']);
  });

  it('short bursts can be let pass', async () => {
    telegram.setFlood({ enforce: true, burst: 3 });
    for (const text of ['1', '2', '3']) await api.sendMessage(ada.id, text);
    expect(await refusedWith(api.sendMessage(ada.id, '4'))).toBe('Too Many Requests: retry after 1');
  });

  it('a group takes 20 messages a minute, all chats together 30 a second', async () => {
    telegram.setFlood({ enforce: true });
    const group = telegram.createGroup({ members: [ada.id] });
    for (let count = 0; count < 20; count += 1) {
      await api.sendMessage(group, String(count));
      await clock.advance(1000);
    }
    expect(await refusedWith(api.sendMessage(group, '21'))).toBe('Too Many Requests: retry after 40');
    for (let count = 0; count < 30; count += 1) {
      const { id } = telegram.createUser();
      telegram.openPrivateChat(id);
      await api.sendMessage(id, 'Hi');
    }
    expect(await refusedWith(api.sendMessage(ada.id, 'Hi'))).toBe('Too Many Requests: retry after 1');
  });

  it('edits count when that is wanted', async () => {
    telegram.setFlood({ enforce: true, countEdits: true });
    const { message_id: id } = await api.sendMessage(ada.id, '1');
    expect(await refusedWith(api.editMessageText(ada.id, id, '2'))).toBe('Too Many Requests: retry after 1');
  });
});
