/** What the edge reads of an update, and what it leaves alone. */
import { expect, test } from 'vitest';
import { readUpdate } from '../../../workers/telegram/update.ts';

const read = (update: unknown) => readUpdate(new TextEncoder().encode(JSON.stringify(update)));
const from = { id: 5 };
const chat = { id: 5, type: 'private' };

test('a message, an edit and a button in a private chat name a person who waits', () => {
  expect(read({ update_id: 1, message: { from, chat } })).toEqual({ id: 1, person: { user: 5, chat: 5, wrote: true } });
  expect(read({ update_id: 1, edited_message: { from, chat } }).person).toEqual({ user: 5, chat: 5, wrote: true });
  expect(read({ update_id: 1, callback_query: { from, message: { chat } } }).person).toMatchObject({ wrote: false });
});

test('groups, channels, business chats, and shapes that are not known name nobody', () => {
  const updates = [
    { message: { from, chat: { id: -1, type: 'group' } } },
    { message: { chat } },
    { message: 'text' },
    { message: { from: { id: '5' }, chat } },
    { channel_post: { from, chat } },
    { business_message: { from, chat } },
    { callback_query: { from } },
    { callback_query: { from, inline_message_id: 'x' } },
    { something_new: { from, chat } },
    {},
  ];
  for (const update of updates) expect(read({ update_id: 7, ...update })).toEqual({ id: 7, person: undefined });
});

test('an error does not repeat what was sent', () => {
  try {
    readUpdate(new TextEncoder().encode('{"update_id": "my secret"}'));
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad_request' });
    expect(String(error)).not.toContain('secret');
  }
});
