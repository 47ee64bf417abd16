/** Makes the world know who and what a raw update speaks of, so that the bot can answer there. */
import type { Chat, Message, User } from 'grammy/types';
import type { PeopleDeps } from './people-deps.ts';
import type { ChatState } from './world.ts';

interface Content {
  id?: string;
  from?: User;
  user?: User;
  chat?: Chat;
  message?: Message;
  message_id?: number;
}

export function absorbUpdate(update: Record<string, unknown>, deps: PeopleDeps): void {
  for (const [kind, content] of Object.entries(update)) {
    if (typeof content !== 'object' || content === null) continue;
    const { id, from, user, chat, message } = content as Content;
    for (const person of [from, user]) if (person !== undefined) absorbUser(person, deps);
    if (message?.chat !== undefined) absorbMessage(message, deps);
    else if (/message|channel_post/.test(kind) && chat !== undefined && 'message_id' in content)
      absorbMessage(content as Message, deps);
    else if (chat !== undefined) absorbChat(chat, deps);
    if (kind === 'callback_query' && id !== undefined)
      deps.callbackQueries.set(id, { expiresAt: deps.now() + deps.callbackLifetimeMs, answered: false });
  }
}

function absorbUser(user: User, { world }: PeopleDeps): void {
  if (!world.users.has(user.id) && user.id !== world.bot.id) world.addUser(user);
}

function absorbChat(raw: Chat, { world }: PeopleDeps): ChatState {
  let chat = world.chats.get(raw.id);
  if (chat === undefined && raw.type === 'private')
    chat = world.addUser({ id: raw.id, is_bot: false, first_name: raw.first_name ?? '' });
  chat ??= world.addGroup(raw.type === 'group' ? 'group' : 'supergroup', raw, []);
  chat.botMayWrite = true;
  return chat;
}

function absorbMessage(raw: Message, deps: PeopleDeps): void {
  const { world, now } = deps;
  const chat = absorbChat(raw.chat, deps);
  const from = raw.from?.id ?? raw.chat.id;
  if (raw.from !== undefined) {
    absorbUser(raw.from, deps);
    chat.members.add(from);
  }
  if (raw.is_topic_message === true && raw.message_thread_id !== undefined)
    chat.topics.set(raw.message_thread_id, `Topic ${raw.message_thread_id}`);
  world.reserveMessageId(chat, raw.message_id);
  world.store(chat, { raw, from, fromBot: from === world.bot.id, at: now() });
}
