/** What a bot shows in a chat without saying anything: sendChatAction and setMessageReaction. */
import type { ReactionType } from 'grammy/types';
import { badRequest } from '../protocol/bot-api-error.ts';
import { checkThread, type Context, findChat, findMessage, findWritableChat } from './context.ts';

/** https://core.telegram.org/bots/api#sendchataction, and the older names that the server still takes. */
const actions = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'record_audio',
  'upload_audio',
  'upload_document',
  'choose_sticker',
  'find_location',
  'pick_up_location',
  'record_video_note',
  'upload_video_note',
  'cancel',
]);

interface ActionParams {
  chat_id: number | string;
  message_thread_id?: number;
  action: string;
}

export function sendChatAction(params: ActionParams, context: Context): true {
  if (!actions.has(params.action)) throw badRequest('wrong parameter action in request');
  const chat = findWritableChat(context, params.chat_id);
  checkThread(chat, params.message_thread_id);
  const thread = params.message_thread_id ?? null;
  context.events.emit({ type: 'action', chat: chat.raw.id, thread, action: params.action });
  return true;
}

interface ReactionParams {
  chat_id: number | string;
  message_id: number;
  reaction?: ReactionType[];
}

/** Bots may set one reaction, and no paid one (https://core.telegram.org/bots/api#setmessagereaction). */
export function setMessageReaction(params: ReactionParams, context: Context): true {
  const chat = findChat(context, params.chat_id);
  findMessage(context, chat, params.message_id, 'message to react');
  const reaction = params.reaction ?? [];
  if (reaction.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  const [first] = reaction;
  if (first?.type === 'paid' || (first?.type === 'emoji' && !allowed.has(first.emoji)))
    throw badRequest('REACTION_INVALID');
  const { bot } = context.world;
  context.events.emit({ type: 'reaction', chat: chat.raw.id, messageId: params.message_id, from: bot.id, reaction });
  return true;
}

/** https://core.telegram.org/bots/api#reactiontypeemoji */
const allowed = new Set(
  (
    '❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 ' +
    '🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'
  ).split(' '),
);
