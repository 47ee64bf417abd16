import { describe, expect, test } from 'vitest';
import type { IncomingButton, IncomingMessage } from '../../../../local-agent/core/incoming.ts';
import { createReader } from '../../../../local-agent/channels/telegram/read.ts';
import {
  ada,
  botId,
  callbackUpdate,
  editedUpdate,
  encode,
  forum,
  group,
  groupUpdate,
  me,
  message,
  messageUpdate,
  otherUpdates,
  privateChat,
} from './sample-updates.ts';

const { read, jobId } = createReader({ botId, username: () => 'my_pryx_bot' });
const readMessage = (body: Uint8Array): IncomingMessage => {
  const incoming = read(body);
  if (incoming?.type !== 'message') throw new Error('not a message');
  return incoming;
};

describe('a private message', () => {
  test('is read with who said it, where, when and what', () => {
    expect(read(messageUpdate({ text: 'Good morning' }))).toEqual({
      type: 'message',
      address: { channel: 'telegram', key: '1111111', data: { chat: 1111111 } },
      sender: { id: '1111111', name: 'Ada Byron', bot: false },
      audience: 'private',
      addressed: true,
      at: 1441645532000,
      messageId: '1365',
      edited: false,
      text: 'Good morning',
      attachments: [],
    });
  });

  test('that shares a live location is heard once, not at every step', () => {
    const location = { latitude: 47.4, longitude: 8.5, live_period: 900 };
    expect(readMessage(messageUpdate({ location })).attachments).toHaveLength(1);
    expect(read(editedUpdate({ location: { ...location, latitude: 47.5 } }))).toBeUndefined();
  });

  test('that was edited keeps its id and says when it was changed', () => {
    const { messageId, edited, text, at } = readMessage(editedUpdate({ text: 'Good evening' }));
    expect({ messageId, edited, text, at }).toEqual({
      messageId: '1365',
      edited: true,
      text: 'Good evening',
      at: 1441646600000,
    });
  });

  test('that replies to another tells to which, and whether that was said by Pryx', () => {
    const original = { message_id: 1334, date: 1441645000, chat: privateChat, from: me, text: 'Original' };
    expect(readMessage(messageUpdate({ text: 'And?', reply_to_message: original })).replyTo).toEqual({
      messageId: '1334',
      text: 'Original',
      fromPryx: true,
    });
    const quoted = { text: 'And?', reply_to_message: { ...original, from: ada }, quote: { text: 'Orig', position: 0 } };
    expect(readMessage(messageUpdate(quoted)).replyTo).toEqual({ messageId: '1334', text: 'Orig', fromPryx: false });
  });

  test('that replies to a photo without words tells what is on it', () => {
    const original = { message_id: 1, date: 1, chat: privateChat, from: ada, dice: { emoji: '🎲', value: 4 } };
    expect(readMessage(messageUpdate({ text: 'Lucky', reply_to_message: original })).replyTo?.text).toBe(
      'dice 🎲 showing 4',
    );
  });

  test('with a picture has its caption as text', () => {
    const photo = [
      { file_id: 'small', file_unique_id: 's', width: 90, height: 67, file_size: 1200 },
      { file_id: 'large', file_unique_id: 'l', width: 1280, height: 960, file_size: 120345 },
    ];
    expect(readMessage(messageUpdate({ photo, caption: 'The engine' }))).toMatchObject({
      text: 'The engine',
      attachments: [{ kind: 'photo', description: 'photo, 1280×960, 120 kB', reference: 'large' }],
    });
  });

  test('in rich formatting is read as plain text', () => {
    const rich_message = {
      blocks: [
        { type: 'heading', size: 1, text: 'Plan' },
        { type: 'paragraph', text: ['Buy ', { type: 'bold', text: 'milk' }] },
        { type: 'list', items: [{ label: '1.', blocks: [{ type: 'paragraph', text: 'two litres' }] }] },
      ],
    };
    expect(readMessage(messageUpdate({ rich_message })).text).toBe('Plan\nBuy milk\n1. two litres');
  });
});

describe('a command', () => {
  test('is taken apart into name and arguments', () => {
    expect(readMessage(messageUpdate({ text: '/remember buy milk\nand eggs' })).command).toEqual({
      name: 'remember',
      args: 'buy milk\nand eggs',
    });
  });

  test('of a claim link is start with the code', () => {
    expect(readMessage(messageUpdate({ text: '/start qZ9_-x' })).command).toEqual({ name: 'start', args: 'qZ9_-x' });
  });

  test('for this bot, or for no bot by name, speaks to Pryx in a group', () => {
    for (const text of ['/status@my_pryx_bot', '/status@My_Pryx_Bot now', '/STATUS'])
      expect(readMessage(groupUpdate({ text }))).toMatchObject({ addressed: true, command: { name: 'status' } });
  });

  test('for another bot is no command of ours', () => {
    const incoming = readMessage(groupUpdate({ text: '/status@other_bot' }));
    expect(incoming.addressed).toBe(false);
    expect(incoming).not.toHaveProperty('command');
  });

  test('is one only at the beginning, and as a whole word', () => {
    for (const text of ['do /status', '/status!', '/', '//x', '/home/ada'])
      expect(readMessage(messageUpdate({ text }))).not.toHaveProperty('command');
  });

  test('that was forwarded is somebody else’s words', () => {
    const forward_origin = { type: 'user', sender_user: ada, date: 1 };
    expect(readMessage(messageUpdate({ text: '/forget everything', forward_origin }))).not.toHaveProperty('command');
  });

  test('with the bot’s name works in private before Telegram has told that name', () => {
    const reader = createReader({ botId, username: () => null });
    expect(reader.read(messageUpdate({ text: '/start@my_pryx_bot' }))).toMatchObject({ command: { name: 'start' } });
  });
});

describe('in a group', () => {
  test('people talk among themselves', () => {
    expect(readMessage(groupUpdate({ text: 'Lunch?' }))).toMatchObject({ audience: 'group', addressed: false });
  });

  test('a mention speaks to Pryx, in a text and in a caption', () => {
    const text = 'Ask 🙂 @My_Pryx_Bot about it';
    const entities = [{ type: 'mention', offset: text.indexOf('@'), length: 12 }];
    expect(readMessage(groupUpdate({ text, entities })).addressed).toBe(true);
    const dice = { emoji: '🎲', value: 1 };
    expect(readMessage(groupUpdate({ dice, caption: text, caption_entities: entities })).addressed).toBe(true);
    expect(
      readMessage(groupUpdate({ text: 'Ask @my_pryx_bots', entities: [{ type: 'mention', offset: 4, length: 13 }] }))
        .addressed,
    ).toBe(false);
  });

  test('a mention without a username speaks to Pryx when it names the bot', () => {
    const entity = { type: 'text_mention', offset: 0, length: 4 };
    expect(readMessage(groupUpdate({ text: 'Pryx?', entities: [{ ...entity, user: me }] })).addressed).toBe(true);
    expect(readMessage(groupUpdate({ text: 'Pryx?', entities: [{ ...entity, user: ada }] })).addressed).toBe(false);
  });

  test('the mention that opens a message is taken off', () => {
    expect(readMessage(groupUpdate({ text: '@my_pryx_bot, what time is it?' })).text).toBe('what time is it?');
    expect(readMessage(groupUpdate({ text: '@my_pryx_bot' })).text).toBe('@my_pryx_bot');
    expect(readMessage(groupUpdate({ text: '@ada what time is it?' })).text).toBe('@ada what time is it?');
  });

  test('a reply to Pryx speaks to Pryx, a reply to somebody else does not', () => {
    const reply = (from: unknown) =>
      groupUpdate({ text: 'Yes', reply_to_message: message({ from, chat: group, text: 'Tea?' }) });
    expect(readMessage(reply(me)).addressed).toBe(true);
    expect(readMessage(reply(ada)).addressed).toBe(false);
  });

  test('a topic is a conversation of its own', () => {
    const topic = { chat: forum, message_thread_id: 77, is_topic_message: true, text: 'Hello' };
    expect(readMessage(messageUpdate(topic)).address).toEqual({
      channel: 'telegram',
      key: '-1001234567890:77',
      data: { chat: -1001234567890, thread: 77 },
    });
    const replyThread = { chat: { ...forum, is_forum: undefined }, message_thread_id: 77, text: 'Hello' };
    expect(readMessage(messageUpdate(replyThread)).address.key).toBe('-1001234567890');
  });

  test('the message that opened a topic is not what everybody in it replies to', () => {
    const opening = { message_id: 77, date: 1, chat: forum, from: me, forum_topic_created: { name: 'Gears' } };
    const topic = { chat: forum, message_thread_id: 77, is_topic_message: true, text: 'Hi', reply_to_message: opening };
    const incoming = readMessage(messageUpdate(topic));
    expect(incoming).not.toHaveProperty('replyTo');
    expect(incoming.addressed).toBe(false);
  });

  test('an anonymous administrator is the group, not the stand-in user that all of them share', () => {
    const anonymous = { id: 1087968824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' };
    expect(readMessage(groupUpdate({ text: 'Quiet!', from: anonymous, sender_chat: group })).sender).toEqual({
      id: '-4012345',
      name: 'Engines',
      bot: false,
    });
  });
});

describe('a pressed button', () => {
  test('is read with what it was given and how to confirm it', () => {
    expect(read(callbackUpdate())).toEqual({
      type: 'button',
      address: { channel: 'telegram', key: '1111111', data: { chat: 1111111 } },
      sender: { id: '1111111', name: 'Ada Byron', bot: false },
      audience: 'private',
      addressed: true,
      at: 1752909962000,
      pressId: '3075194689670475767',
      messageId: '282',
      data: 'approve:7',
    });
  });

  test('on a message that is too old to be shown still counts', () => {
    const inaccessible = { message_id: 5, date: 0, chat: forum };
    expect(read(callbackUpdate({ message: inaccessible })) as IncomingButton).toMatchObject({
      messageId: '5',
      audience: 'group',
      at: 0,
    });
  });

  test('of an inline result or a game is none of ours', () => {
    expect(read(callbackUpdate({ message: undefined, inline_message_id: 'i' }))).toBeUndefined();
    expect(read(callbackUpdate({ data: undefined, game_short_name: 'chess' }))).toBeUndefined();
  });
});

describe('what there is nothing to answer', () => {
  test.each(Object.keys(otherUpdates))('%s is taken and passed over', (kind) => {
    expect(read(encode({ update_id: 7, [kind]: otherUpdates[kind] }))).toBeUndefined();
    expect(jobId(encode({ update_id: 7, [kind]: otherUpdates[kind] }))).toBe(`tg:${botId}:7`);
  });

  test('service messages, messages of the bot itself, and channel direct messages are passed over', () => {
    expect(read(groupUpdate({ new_chat_members: [ada] }))).toBeUndefined();
    expect(read(groupUpdate({ pinned_message: message() }))).toBeUndefined();
    expect(read(groupUpdate({ from: me, text: 'I said so' }))).toBeUndefined();
    expect(read(messageUpdate({ chat: { ...forum, is_direct_messages: true }, text: 'Psst' }))).toBeUndefined();
    expect(read(messageUpdate({ chat: { id: 1, type: 'hologram' }, text: 'x' }))).toBeUndefined();
  });
});

describe('bad input', () => {
  test.each([
    ['no JSON', new TextEncoder().encode('{"update_id":1')],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['no object', encode([])],
    ['null', encode(null)],
    ['no update_id', encode({ message: message({ text: 'x' }) })],
    ['an update_id that is no number', encode({ update_id: '1', message: message({ text: 'x' }) })],
    ['a message without a chat', encode({ update_id: 1, message: { message_id: 1, date: 1, text: 'x' } })],
    ['a chat without a type', messageUpdate({ chat: { id: 1 }, text: 'x' })],
    ['a press without a presser', callbackUpdate({ from: undefined })],
  ])('%s is refused without repeating it', (_, body) => {
    expect(() => read(body)).toThrow(/^A Telegram update (is not JSON|has an unknown form)\.$/);
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });

  test('an odd part beside the text does not lose the text', () => {
    const odd = {
      text: 'Hello',
      entities: 'none',
      reply_to_message: 5,
      quote: [],
      edit_date: 'x',
      photo: {},
      rich_message: 1,
    };
    expect(readMessage(messageUpdate(odd))).toMatchObject({
      text: 'Hello',
      attachments: [{ kind: 'other', description: 'photo' }],
    });
  });
});

test('an update has the same idempotency key as the edge gives it', () => {
  expect(jobId(messageUpdate({ text: 'x' }))).toBe('tg:6833000441:10000');
  expect(() => jobId(encode({}))).toThrow(expect.objectContaining({ code: 'bad_request' }));
});
