import { beforeEach, describe, expect, it } from 'vitest';
import type { Attachment } from '../../../local-agent/core/incoming.ts';
import type { Db } from '../../../local-agent/store/database.ts';
import { createConversations } from '../../../local-agent/workspaces/conversation.ts';
import {
  type ConversationReader,
  createConversationReader,
} from '../../../local-agent/workspaces/read-conversations.ts';
import { type NewMessage, createTranscript } from '../../../local-agent/workspaces/transcript.ts';
import {
  conversationResponse,
  conversationsResponse,
  mostCharacters,
  mostConversations,
  mostMessages,
} from '../../../shared/api/conversations.ts';
import { memoryDb } from '../../support/memory-db.ts';

let db: Db;
let reader: ConversationReader;
const blank = { turnId: null, senderId: null, senderName: null, channelMessageId: null, attachments: [], at: 1 };

beforeEach(() => {
  db = memoryDb();
  reader = createConversationReader(db);
});

const open = (key: string, audience: 'private' | 'group' = 'private', channel = 'telegram'): number =>
  createConversations(db).open({ channel, key, data: null }, audience, 1);
const say = (conversationId: number, text: string, more: Partial<NewMessage> = {}): number =>
  createTranscript(db).append({ ...blank, conversationId, role: 'user', text, ...more });

describe('The conversations', () => {
  it('are none at first', () => {
    expect(reader.list()).toEqual({ conversations: [], more: false });
  });

  it('come with the latest first, each with whom it is, how much was said, and when last', () => {
    const anna = open('7');
    const empty = open('8');
    const group = open('-9', 'group');
    say(anna, 'one', { senderName: 'Anna', at: 10 });
    say(group, 'hello all', { senderName: 'Bert', at: 20 });
    say(anna, 'two', { senderName: 'Anna B.', at: 30 });
    say(anna, 'answer', { role: 'assistant', at: 40 });
    const list = reader.list();
    expect(list).toEqual({
      conversations: [
        { id: anna, channel: 'telegram', key: '7', audience: 'private', name: 'Anna B.', lastAt: 40, messages: 3 },
        { id: group, channel: 'telegram', key: '-9', audience: 'group', name: null, lastAt: 20, messages: 1 },
        { id: empty, channel: 'telegram', key: '8', audience: 'private', name: null, lastAt: null, messages: 0 },
      ],
      more: false,
    });
    expect(conversationsResponse.parse(list)).toEqual(list);
  });

  it('are no more than fit into an answer, which says that there are others', () => {
    for (let index = 0; index < mostConversations; index += 1) say(open(`k${index}`), 'x');
    expect(reader.list()).toMatchObject({ more: false });
    say(open('last'), 'x');
    const { conversations, more } = reader.list();
    expect([conversations.length, more, conversations[0]?.key]).toEqual([mostConversations, true, 'last']);
    expect(conversations.map(({ key }) => key)).not.toContain('k0');
  });
});

describe('A conversation that is read again', () => {
  it('holds what was said in it, oldest first, with who said it and what came along', () => {
    const photo: Attachment = { kind: 'photo', description: 'photo, 12 kB', reference: 'file-id' };
    const anna = open('7');
    say(open('8'), 'elsewhere');
    const first = say(anna, 'Look', { senderName: 'Anna', senderId: '7', attachments: [photo], at: 5 });
    const second = say(anna, 'Nice.', { role: 'assistant', at: 6 });
    createTranscript(db).edit(first, { text: 'Look!', editedAt: 7 });
    const shared = { cut: false, editedAt: null, attachments: [] };
    const read = reader.read(anna);
    expect(read).toEqual({
      conversation: expect.objectContaining({ id: anna, messages: 2 }),
      messages: [
        {
          ...shared,
          id: first,
          role: 'user',
          sender: 'Anna',
          text: 'Look!',
          at: 5,
          editedAt: 7,
          attachments: ['photo, 12 kB'],
        },
        { ...shared, id: second, role: 'assistant', sender: null, text: 'Nice.', at: 6 },
      ],
    });
    expect(conversationResponse.parse(read)).toEqual(read);
  });

  it('is not there under another id', () => {
    open('7');
    for (const id of [0, -1, 2, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER]) expect(reader.read(id)).toBeUndefined();
  });

  it('is its last messages when it is long', () => {
    const anna = open('7');
    for (let index = 0; index < mostMessages + 50; index += 1) say(anna, `m${index}`);
    const read = reader.read(anna);
    expect(read?.conversation.messages).toBe(mostMessages + 50);
    expect(read?.messages.length).toBe(mostMessages);
    expect([read?.messages[0]?.text, read?.messages.at(-1)?.text]).toEqual(['m50', `m${mostMessages + 49}`]);
  });

  it('has the beginning of a huge message, says so, and splits no sign', () => {
    const anna = open('7');
    say(anna, '😀'.repeat(mostCharacters));
    say(anna, '😀'.repeat(mostCharacters + 1));
    const texts = reader.read(anna)?.messages.map(({ text, cut }) => [text === '😀'.repeat(mostCharacters), cut]);
    expect(texts).toEqual([
      [true, false],
      [true, true],
    ]);
  });
});
