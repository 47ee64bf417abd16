/** What people do without a word: pressing buttons and reacting. */
import type { Message, ReactionType } from 'grammy/types';
import { unixTime } from '../methods/context.ts';
import type { People } from '../types.ts';
import { getChat, getUser, type PeopleDeps } from './people-deps.ts';
import type { ChatState } from './world.ts';

type Gestures = Pick<People, 'pressButton' | 'react'>;

export function createGestures(deps: PeopleDeps): Gestures {
  const { world, queue, events, callbackQueries, now } = deps;
  /** By chat, message and user. */
  const reactions = new Map<string, ReactionType[]>();

  const getMessage = (chat: ChatState, messageId: number): Message => {
    const stored = world.find(chat, messageId);
    if (stored === undefined) throw new Error(`Chat ${chat.raw.id} has no message ${messageId}.`);
    return stored.raw;
  };

  return {
    pressButton(user, messageId, wanted, options = {}) {
      const from = getUser(deps, user);
      const chat = getChat(deps, options.chat ?? user);
      const message = getMessage(chat, messageId);
      const buttons = (message.reply_markup?.inline_keyboard ?? []).flat();
      const button = buttons.find((each) =>
        'data' in wanted ? 'callback_data' in each && each.callback_data === wanted.data : each.text === wanted.label,
      );
      if (button === undefined || !('callback_data' in button))
        throw new Error(`Message ${messageId} has no such button to press; it has ${JSON.stringify(buttons)}.`);
      const id = deps.randomDigits(18);
      callbackQueries.set(id, { expiresAt: now() + deps.callbackLifetimeMs, answered: false });
      const query = { id, from, message, chat_instance: chatInstance(chat), data: button.callback_data };
      return { callbackQueryId: id, updateId: queue.push('callback_query', query, options.delivery) };
    },
    react(user, messageId, emoji, options = {}) {
      const chat = getChat(deps, options.chat ?? user);
      getMessage(chat, messageId);
      const key = `${chat.raw.id}:${messageId}:${user}`;
      const before = reactions.get(key) ?? [];
      const after = emoji.map((each) => ({ type: 'emoji', emoji: each }) as ReactionType);
      reactions.set(key, after);
      events.emit({ type: 'reaction', chat: chat.raw.id, messageId, from: user, reaction: after });
      const updateId = queue.push('message_reaction', {
        chat: chat.raw,
        message_id: messageId,
        user: getUser(deps, user),
        date: unixTime(now()),
        old_reaction: before,
        new_reaction: after,
      });
      return { updateId };
    },
  };
}

/** The same for all presses in one chat. */
const chatInstance = (chat: ChatState): string => String(BigInt(chat.raw.id) * 1_000_003n + 7_919n);
