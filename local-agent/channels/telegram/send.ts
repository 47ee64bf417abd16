/** Messages leave here, straight to Telegram. One request a call, and each ends in a `Delivery`. */
import * as z from 'zod';
import type { Address } from '../../core/address.ts';
import type { Content, Delivery } from '../../core/channel.ts';
import type { Random } from '../../core/random.ts';
import type { Answer, Failure, TelegramApi } from './api/api.ts';
import { isNotModified, isPressOver, toDelivery } from './api/classify.ts';
import type { Health } from './health.ts';
import type { Pace } from './pace.ts';
import { telegramContent } from './text/content.ts';

export interface SenderDeps {
  api: TelegramApi;
  pace: Pace;
  random: Random;
  health: Health;
}

const addressData = z.object({ chat: z.int(), thread: z.int().optional() });
export const readAddress = (address: Address): z.infer<typeof addressData> => addressData.parse(address.data);

/** A preview makes Telegram fetch the link, and so tells its owner what was said. */
const noPreview = { link_preview_options: { is_disabled: true } } as const;

export function createSender({ api, pace, random, health }: SenderDeps) {
  /** Groups that became supergroups while we ran: their new ids. Telegram refuses the old one and names the new; nothing was done then. */
  const movedChats = new Map<number, number>();

  async function inChat<T>(chat: number, call: (chat: number) => Promise<Answer<T>>): Promise<Answer<T>> {
    const answer = await call(movedChats.get(chat) ?? chat);
    const moved = answer.ok || answer.failure.kind !== 'refused' ? undefined : answer.failure.migrateToChat;
    if (moved === undefined) return answer;
    movedChats.set(chat, moved);
    return call(moved);
  }

  function settle<T>(
    answer: Answer<T>,
    done: (result: T | undefined) => Delivery,
    { chat, fine }: { chat?: number; fine?: (failure: Failure) => boolean } = {},
  ): Delivery {
    if (answer.ok || fine?.(answer.failure) === true) {
      health.answered();
      return done(answer.ok ? answer.result : undefined);
    }
    const delivery = toDelivery(answer.failure, random.fraction());
    health.noteDelivery(delivery);
    if (delivery.kind === 'wait' && chat !== undefined) pace.hold(chat, delivery.ms);
    return delivery;
  }

  async function send(
    address: Address,
    content: Content,
    { replyTo, signal }: { replyTo?: string; signal: AbortSignal },
  ): Promise<Delivery> {
    const { chat, thread } = readAddress(address);
    const parameters = {
      ...telegramContent.parse(content),
      ...noPreview,
      ...(thread === undefined ? {} : { message_thread_id: thread }),
      ...(replyTo === undefined
        ? {}
        : { reply_parameters: { message_id: Number(replyTo), allow_sending_without_reply: true } }),
    };
    const answer = await inChat(chat, (id) => api.call('sendMessage', { chat_id: id, ...parameters }, { signal }));
    return settle(answer, sentAs, { chat });
  }

  async function edit(
    address: Address,
    messageId: string,
    content: Content,
    { signal }: { signal: AbortSignal },
  ): Promise<Delivery> {
    const { chat } = readAddress(address);
    const parameters = { message_id: Number(messageId), ...telegramContent.parse(content), ...noPreview };
    const answer = await inChat(chat, (id) => api.call('editMessageText', { chat_id: id, ...parameters }, { signal }));
    return settle(answer, () => ({ kind: 'delivered', messageId }), { chat, fine: isNotModified });
  }

  async function typing(address: Address, { signal }: { signal: AbortSignal }): Promise<Delivery> {
    const { chat, thread } = readAddress(address);
    const parameters = { action: 'typing', ...(thread === undefined ? {} : { message_thread_id: thread }) } as const;
    const answer = await inChat(chat, (id) => api.call('sendChatAction', { chat_id: id, ...parameters }, { signal }));
    return settle(answer, nothingMade);
  }

  async function confirmButton(pressId: string, { signal }: { signal: AbortSignal }): Promise<Delivery> {
    const answer = await api.call('answerCallbackQuery', { callback_query_id: pressId }, { signal });
    return settle(answer, nothingMade, { fine: isPressOver });
  }

  return { send, edit, typing, confirmButton };
}

const sentMessage = z.object({ message_id: z.int() });

function sentAs(result: unknown): Delivery {
  const sent = sentMessage.safeParse(result);
  return sent.success
    ? { kind: 'delivered', messageId: String(sent.data.message_id) }
    : { kind: 'unknown', message: 'Telegram did not name the message that it sent.' };
}

const nothingMade = (): Delivery => ({ kind: 'delivered', messageId: '' });
