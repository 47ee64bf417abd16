/** What the answer of the webhook itself makes Telegram do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDevice, TestLink } from '../support/device.ts';
import { type TestEdge, postUpdate, startTestEdge, textUpdate } from '../support/edge.ts';

const owner = 1_111_111;
const friend = 2_222_222;
const stranger = 3_333_333;

let edge: TestEdge;
let device: TestDevice;
let hook: string;

beforeAll(async () => {
  edge = await startTestEdge();
});
beforeEach(async () => {
  device = await edge.device();
  hook = await device.hook('123456', [owner, friend]);
});
afterAll(() => edge.close());

let nextId = 1;
const fresh = () => (nextId += 1);

async function answerTo(update: object): Promise<unknown> {
  const response = await postUpdate(hook, update);
  expect(response.status).toBe(200);
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

const connected = async () =>
  ((await (await device.request('GET', '/device')).json()) as { connected: boolean }).connected;
const untilOffline = () => expect.poll(connected).toBe(false);

const button = (user = owner, type = 'private') => ({
  update_id: fresh(),
  callback_query: { id: '1', from: { id: user }, message: { message_id: 1, chat: { id: user, type } }, data: 'x' },
});
const inGroup = () => {
  const update = textUpdate(fresh(), 'hello', owner);
  return { ...update, message: { ...update.message, chat: { id: -100, type: 'supergroup', title: 'Group' } } };
};
const kept = (chat: number) => ({ method: 'sendMessage', chat_id: chat, text: expect.stringContaining('kept') });
const typing = (chat: number) => ({ method: 'sendChatAction', chat_id: chat, action: 'typing' });

describe('while the device is connected', () => {
  let link: TestLink;
  beforeEach(async () => {
    link = await device.link();
    await link.settle();
    return async () => {
      link.close();
      await link.closed;
    };
  });

  test('whoever is answered sees "typing"', async () => {
    expect(await answerTo(textUpdate(fresh(), 'hello', owner))).toEqual(typing(owner));
    expect(await answerTo(textUpdate(fresh(), 'hello', friend))).toEqual(typing(friend));
    const { message, update_id } = textUpdate(fresh(), 'edited', owner);
    expect(await answerTo({ update_id, edited_message: message })).toEqual(typing(owner));
  });

  test('a pressed button, a group, a channel and a stranger get an empty answer', async () => {
    expect(await answerTo(button())).toBeUndefined();
    expect(await answerTo(inGroup())).toBeUndefined();
    const { message, update_id } = textUpdate(fresh(), 'post', owner);
    expect(await answerTo({ update_id, channel_post: message })).toBeUndefined();
    expect(await answerTo(textUpdate(fresh(), 'hello', stranger))).toBeUndefined();
    expect(await answerTo({ update_id: fresh(), message: { from: 'odd', chat: null } })).toBeUndefined();
  });

  test('it counts as connected although the mailbox slept before the first heartbeat', async () => {
    const newer = await device.link();
    await link.closed;
    await expect.poll(connected).toBe(true);
    link = newer;
    await edge.hibernate(device);
    expect(await answerTo(textUpdate(fresh(), 'hello', owner))).toEqual(typing(owner));
  });

  test('a repetition is answered 200 and empty', async () => {
    const update = textUpdate(fresh(), 'hello', owner);
    await answerTo(update);
    expect(await answerTo(update)).toBeUndefined();
  });
});

describe('while the device is away', () => {
  test('each chat is told once that what it wrote is kept', async () => {
    expect(await answerTo(textUpdate(fresh(), 'one', owner))).toEqual(kept(owner));
    expect(await answerTo(textUpdate(fresh(), 'two', owner))).toBeUndefined();
    expect(await answerTo(button(friend))).toEqual(kept(friend));
    expect(await answerTo(textUpdate(fresh(), 'three', friend))).toBeUndefined();
  });

  test('strangers and groups are told nothing', async () => {
    expect(await answerTo(textUpdate(fresh(), 'hello', stranger))).toBeUndefined();
    expect(await answerTo(inGroup())).toBeUndefined();
  });

  test('the next outage is another one', async () => {
    expect(await answerTo(textUpdate(fresh(), 'one', owner))).toEqual(kept(owner));
    const link = await device.link();
    expect((await link.nextFrame()).type).toBe('job');
    link.close();
    await link.closed;
    await untilOffline();
    expect(await answerTo(textUpdate(fresh(), 'two', owner))).toEqual(kept(owner));
    await edge.hibernate(device);
    expect(await answerTo(textUpdate(fresh(), 'three', owner))).toBeUndefined();
  });

  test('whom the device answers is taken anew with each registration', async () => {
    expect(await answerTo(button(owner))).toEqual(kept(owner));
    const link = await device.link();
    await expect.poll(connected).toBe(true);
    expect(await answerTo(textUpdate(fresh(), 'one', owner))).toEqual(typing(owner));
    await device.hook('123456', [friend]);
    expect(await answerTo(textUpdate(fresh(), 'two', owner))).toBeUndefined();
    link.close();
    await link.closed;
    await untilOffline();
    expect(await answerTo(textUpdate(fresh(), 'one', friend))).toEqual(kept(friend));
  });

  test('at many messages at once a chat is told once', async () => {
    const updates = Array.from({ length: 20 }, () => textUpdate(fresh(), 'flood', owner));
    const answers = await Promise.all(updates.map((update) => answerTo(update)));
    expect(answers.filter((answer) => answer !== undefined)).toEqual([kept(owner)]);
  });
});
