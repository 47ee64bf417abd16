import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../../../local-agent/core/address.ts';
import type { Content } from '../../../../local-agent/core/channel.ts';
import type { TelegramContent } from '../../../../local-agent/channels/telegram/text/content.ts';
import type { Fault } from '../../../support/telegram/types.ts';
import { type OpenTelegram, openTelegram } from './open-telegram.ts';
import { wildMarkdown } from './text/wild-markdown.ts';

let world: OpenTelegram;
const { signal } = new AbortController();

beforeEach(async () => {
  world = await openTelegram();
});
afterEach(async () => world.close());

const addressOf = (chat: number, thread?: number): Address => ({
  channel: 'telegram',
  key: thread === undefined ? `${chat}` : `${chat}:${thread}`,
  data: thread === undefined ? { chat } : { chat, thread },
});
const content = (markdown: string): Content => world.channel.render(markdown)[0] ?? {};

test('what is formatted arrives so', async () => {
  const { telegram, channel, person } = world;
  await channel.send(person.address, content('**Hello**, `Ada` & <you>'), { signal });
  expect(telegram.messages(person.id)).toMatchObject([
    {
      text: 'Hello, Ada & <you>',
      entities: [
        { type: 'bold', offset: 0, length: 5 },
        { type: 'code', offset: 7, length: 3 },
      ],
    },
  ]);
});

test('whatever is rendered, Telegram takes it as it is and shows the same', async () => {
  const { telegram, channel, person } = world;
  await fc.assert(
    fc.asyncProperty(wildMarkdown, async (markdown) => {
      for (const part of channel.render(markdown) as TelegramContent[]) {
        expect(await channel.send(person.address, part, { signal })).toMatchObject({ kind: 'delivered' });
        expect(telegram.messages(person.id).at(-1)?.text.trim()).toBe(part.text.replaceAll('\t', ' ').trim());
      }
    }),
    { numRuns: 150 },
  );
});

test('no link is ever previewed, in a message or in an edit', async () => {
  const { telegram, channel, person } = world;
  const sent = await channel.send(person.address, content('https://example.com'), { signal });
  const messageId = sent.kind === 'delivered' ? sent.messageId : '';
  await channel.edit(person.address, messageId, content('https://example.com/2'), { signal });
  const calls = [...telegram.calls({ method: 'sendMessage' }), ...telegram.calls({ method: 'editMessageText' })];
  expect(calls.map(({ params }) => params['link_preview_options'])).toEqual([
    { is_disabled: true },
    { is_disabled: true },
  ]);
});

test('a topic is answered in the topic', async () => {
  const { telegram, channel, person } = world;
  const forum = telegram.createSupergroup({ members: [person.id], forum: true });
  const topic = telegram.createTopic(forum, 'Gears');
  await channel.typing(addressOf(forum, topic), { signal });
  await channel.send(addressOf(forum, topic), content('Here'), { signal });
  expect(telegram.messages(forum).at(-1)).toMatchObject({ text: 'Here', thread: topic });
  expect(telegram.events().filter(({ type }) => type === 'action')).toMatchObject([
    { thread: topic, action: 'typing' },
  ]);
});

test('an edit without buttons takes them away', async () => {
  const { telegram, channel, person } = world;
  const [asked = {}] = channel.render('Sure?', [{ label: 'Yes', data: 'y' }]);
  const sent = await channel.send(person.address, asked, { signal });
  const messageId = sent.kind === 'delivered' ? sent.messageId : '';
  await channel.edit(person.address, messageId, content('Done.'), { signal });
  expect(telegram.messages(person.id)).toMatchObject([{ text: 'Done.', replyMarkup: null }]);
});

test('a group that becomes a supergroup is followed, message and edit', async () => {
  const { telegram, channel, person } = world;
  const before = telegram.createGroup({ members: [person.id] });
  const after = telegram.createSupergroup({ members: [person.id] });
  telegram.orderFault({
    chat: before,
    fault: {
      kind: 'error',
      code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: after },
    },
  });
  const sent = await channel.send(addressOf(before), content('Still here'), { replyTo: '1', signal });
  const messageId = sent.kind === 'delivered' ? sent.messageId : '';
  await channel.edit(addressOf(before), messageId, content('And there'), { signal });
  expect(telegram.messages(after)).toMatchObject([{ text: 'And there', edits: 1 }]);
  expect(telegram.messages(before)).toEqual([]);
});

test('a pause that is asked for in one chat holds up no other', async () => {
  const { telegram, channel, person } = world;
  const other = telegram.createUser().id;
  telegram.orderFault({ fault: { kind: 'too_many_requests', retryAfter: 9 }, chat: person.id });
  expect(await channel.send(person.address, content('x'), { signal })).toEqual({ kind: 'wait', ms: 9000 });
  expect(channel.pace(person.address, 'send')).toBeGreaterThan(8000);
  expect(channel.pace(addressOf(other), 'send')).toBe(0);
});

test('nothing is asked that the Bot API does not know', async () => {
  const { telegram, channel, person } = world;
  const { message } = telegram.say(person.id, 'Question?');
  const [asked = {}] = channel.render('**x** [y](https://example.com)', [{ label: 'Yes', data: 'y' }]);
  const sent = await channel.send(person.address, asked, { replyTo: String(message.message_id), signal });
  await channel.edit(person.address, sent.kind === 'delivered' ? sent.messageId : '', content('Done.'), { signal });
  await channel.typing(person.address, { signal });
  await channel.confirmButton('1', { signal });
  expect(telegram.calls()).toHaveLength(4);
  expect(telegram.violations()).toEqual([]);
});

describe('a bot that was shut out is told apart:', () => {
  test('by a person, from a group, and where it was never let in', async () => {
    const { telegram, channel, person } = world;
    const stranger = telegram.createUser().id;
    telegram.block(person.id);
    for (const address of [person.address, addressOf(stranger)])
      expect(await channel.send(address, content('x'), { signal })).toMatchObject({ kind: 'rejected' });
    expect(await channel.send(person.address, content('x'), { signal })).toMatchObject({ reason: 'blocked' });
  });
});

describe('health follows what messages meet', () => {
  test('down when Telegram cannot be reached or refuses the token, up again when it answers', async () => {
    const { telegram, channel, person } = world;
    channel.start();
    await expect.poll(() => channel.health().state).toBe('up');
    telegram.orderFault({ fault: { kind: 'reset' }, method: 'sendMessage' });
    await channel.send(person.address, content('x'), { signal });
    expect(channel.health()).toMatchObject({ state: 'down', lastError: { code: 'channel_unreachable' } });
    await channel.send(person.address, content('x'), { signal });
    expect(channel.health()).toMatchObject({ state: 'up', lastError: { code: 'channel_unreachable' } });
    telegram.orderFault({ fault: { kind: 'error', code: 401, description: 'Unauthorized' }, method: 'sendMessage' });
    await channel.send(person.address, content('x'), { signal });
    expect(channel.health()).toMatchObject({
      state: 'down',
      lastError: { code: 'channel_unauthorized', hint: expect.stringContaining('BotFather') },
    });
  });
});

test('whatever goes wrong, the token and the words of a message are told to nobody', async () => {
  const { telegram, channel, person, log } = world;
  const words = 'my diary says so';
  const faults: Fault[] = [
    { kind: 'too_many_requests', retryAfter: 1 },
    { kind: 'http_error', status: 502 },
    { kind: 'http_error', status: 404 },
    { kind: 'error', code: 400, description: `Bad Request: can't parse entities: unsupported start tag "${words}"` },
    { kind: 'error', code: 401, description: 'Unauthorized' },
    { kind: 'error', code: 404, description: 'Not Found' },
    { kind: 'reset' },
    { kind: 'lost_answer' },
    { kind: 'malformed' },
  ];
  const told: unknown[] = [];
  channel.start();
  for (const fault of faults) {
    telegram.orderFault({ fault, method: 'sendMessage' });
    told.push(await channel.send(person.address, content(words), { signal }), channel.health());
  }
  await telegram.close();
  told.push(await channel.send(person.address, content(words), { signal }), channel.health(), log.lines);
  const all = JSON.stringify(told);
  expect(all).not.toContain(telegram.token.split(':')[1]);
  expect(all).not.toContain('diary');
});
