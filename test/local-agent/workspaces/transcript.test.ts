import { beforeEach, describe, expect, it } from 'vitest';
import type { Attachment } from '../../../local-agent/core/incoming.ts';
import { type Conversations, createConversations } from '../../../local-agent/workspaces/conversation.ts';
import { type Transcript, createTranscript } from '../../../local-agent/workspaces/transcript.ts';
import { memoryDb } from '../../support/memory-db.ts';

let conversations: Conversations;
let transcript: Transcript;
let chat: number;
let last: number;
const blank = { turnId: null, senderId: null, senderName: null, channelMessageId: null, attachments: [], at: 1 };
const address = { channel: 'telegram', key: '7', data: { chat: 7 } };

beforeEach(() => {
  const db = memoryDb();
  conversations = createConversations(db);
  transcript = createTranscript(db);
  chat = conversations.open(address, 'private', 1);
});

function say(
  role: 'user' | 'assistant',
  text: string,
  attachments: Attachment[] = [],
  channelMessageId: string | null = null,
): void {
  last = transcript.append({ ...blank, conversationId: chat, role, text, attachments, channelMessageId });
}
const read = (characters = 1000, upTo = last): string[] =>
  transcript.read(chat, upTo, characters).map(({ role, text }) => `${role}: ${text}`);

describe('A conversation', () => {
  it('is opened once an address', () => {
    expect(conversations.open({ ...address, data: 'other' }, 'private', 2)).toBe(chat);
    expect(conversations.open({ ...address, key: '8' }, 'group', 2)).not.toBe(chat);
    expect(conversations.open({ ...address, channel: 'web' }, 'private', 2)).not.toBe(chat);
    expect(conversations.find({ ...address, key: '9' })).toBeUndefined();
  });

  it('knows its messages by the ids of the channel, and its latest of each side', () => {
    say('user', 'one', [], 'm1');
    say('user', 'two', [], 'm2');
    say('assistant', 'answer', [], 'm1');
    expect(transcript.findByChannelId(chat, 'm1')).toMatchObject({ text: 'one' });
    expect(transcript.findByChannelId(chat + 1, 'm1')).toBeUndefined();
    expect(transcript.latest(chat, 'user')?.text).toBe('two');
    expect(transcript.latest(chat, 'assistant')?.text).toBe('answer');
  });

  it('shows an edited message as it is now', () => {
    say('user', 'one');
    transcript.edit(last, { text: 'won', editedAt: 9 });
    expect(read()).toEqual(['user: won']);
  });
});

describe('What a model reads of a conversation', () => {
  it('is what was said, in order, up to the message to answer', () => {
    say('user', 'one');
    say('assistant', 'two');
    say('user', 'three');
    const upTo = last;
    say('assistant', 'later');
    expect(read(1000, upTo)).toEqual(['user: one', 'assistant: two', 'user: three']);
  });

  it('is only of this conversation', () => {
    const other = conversations.open({ ...address, key: '8' }, 'private', 1);
    transcript.append({ ...blank, conversationId: other, role: 'user', text: 'elsewhere' });
    say('user', 'here');
    expect(read()).toEqual(['user: here']);
  });

  it('shows what came with a message in brackets', () => {
    const photo: Attachment = { kind: 'photo', description: 'photo, 1280×960, 120 kB' };
    say('user', 'Look', [photo, { kind: 'voice', description: 'voice, 3 s' }]);
    expect(read()).toEqual(['user: Look\n[photo, 1280×960, 120 kB]\n[voice, 3 s]']);
    say('assistant', 'Nice.');
    say('user', '', [photo]);
    expect(read().at(-1)).toBe('user: [photo, 1280×960, 120 kB]');
  });

  it('is as much as fits, the latest of it, and the message to answer in any case', () => {
    say('user', 'a'.repeat(50));
    say('assistant', 'b'.repeat(50));
    say('user', 'c'.repeat(50));
    say('assistant', 'd'.repeat(50));
    say('user', 'e'.repeat(50));
    expect(read(250).map((line) => line.slice(0, 8))).toEqual([
      'user: aa',
      'assistan',
      'user: cc',
      'assistan',
      'user: ee',
    ]);
    expect(read(150).map((line) => line.at(-1))).toEqual(['c', 'd', 'e']);
    expect(read(149).map((line) => line.at(-1))).toEqual(['e']);
    expect(read(0).map((line) => line.at(-1))).toEqual(['e']);
  });

  it('begins with the user and takes turns, as many models need it', () => {
    say('assistant', 'welcome');
    say('user', 'one');
    say('user', 'two');
    say('assistant', 'old answer');
    say('assistant', 'new answer');
    say('user', 'three');
    expect(read()).toEqual(['user: one\n\ntwo', 'assistant: new answer', 'user: three']);
  });

  it('is at most 200 messages', () => {
    for (let index = 0; index < 150; index += 1) {
      say('user', `q${index}`);
      say('assistant', `a${index}`);
    }
    say('user', 'now');
    expect(read(1_000_000)).toHaveLength(199);
  });
});
