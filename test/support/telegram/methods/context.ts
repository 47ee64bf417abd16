/** What a method of the Bot API may use. */
import type { User } from 'grammy/types';
import type { EventLog } from '../control/event-log.ts';
import type { LongPoll } from '../delivery/long-poll.ts';
import type { UpdateQueue } from '../delivery/update-queue.ts';
import type { Webhook } from '../delivery/webhook.ts';
import { badRequest, forbidden } from '../protocol/bot-api-error.ts';
import type { UploadedFile } from '../protocol/read-multipart.ts';
import type { ApiCall, Violation } from '../types.ts';
import type { Files } from '../world/files.ts';
import type { Flood } from '../world/flood.ts';
import type { ChatState, StoredMessage, World } from '../world/world.ts';

export interface CallbackQuery {
  expiresAt: number;
  answered: boolean;
}

export interface Context {
  world: World;
  me: User & Record<string, unknown>;
  queue: UpdateQueue;
  webhook: Webhook;
  longPoll: LongPoll;
  events: EventLog;
  flood: Flood;
  files: Files;
  callbackQueries: Map<string, CallbackQuery>;
  /** Commands by scope and language. */
  commands: Map<string, unknown>;
  session: { loggedOut: boolean; closed: boolean };
  /** Like a self-hosted server in local mode: webhooks may be plain HTTP, anywhere. */
  localMode: boolean;
  now(): number;
  violation(kind: Violation['kind'], call: ApiCall, detail: string): void;
}

export interface Request {
  call: ApiCall;
  files: ReadonlyMap<string, UploadedFile>;
  /** Calls back when the caller has hung up, or has its answer. */
  onGone(listener: () => void): void;
}

/** Gives `result`, or what `describe` made. Parameters are as the table has checked them. Throws BotApiError. */
export type Method = (params: never, context: Context, request: Request) => unknown;

const described = Symbol('described');

/** An answer that says something beside its result. */
export const describe = (result: unknown, description: string): unknown => ({ [described]: description, result });

export function readAnswer(answer: unknown): { result: unknown; description?: string } {
  if (typeof answer !== 'object' || answer === null || !(described in answer)) return { result: answer };
  const { result, [described]: description } = answer as { result: unknown; [described]: string };
  return { result, description };
}

/** The chat that a bot may read (`check_chat` of Client.cpp). */
export function findChat(context: Context, chatId: number | string): ChatState {
  const { chats } = context.world;
  const chat =
    typeof chatId === 'number'
      ? chats.get(chatId)
      : [...chats.values()].find(({ kind, raw }) => kind === 'supergroup' && `@${raw.username}` === chatId);
  if (chat === undefined || (chat.kind === 'private' && !isKnown(context, chat))) throw badRequest('chat not found');
  if (chat.kind !== 'private' && chat.blocked) throw forbidden(`bot was kicked from the ${chat.kind} chat`);
  return chat;
}

/** A bot knows who has talked to it, and who is in a group with it. */
function isKnown(context: Context, chat: ChatState): boolean {
  if (chat.botMayWrite) return true;
  for (const other of context.world.chats.values())
    if (other.kind !== 'private' && other.members.has(chat.raw.id)) return true;
  return false;
}

/** The chat that a bot may write to. */
export function findWritableChat(context: Context, chatId: number | string): ChatState {
  const chat = findChat(context, chatId);
  if (chat.kind === 'private' && chat.blocked) throw forbidden('bot was blocked by the user');
  if (!chat.botMayWrite) throw forbidden("bot can't initiate conversation with a user");
  return chat;
}

/** `what` is how the server calls the message: `message to edit`. */
export function findMessage(context: Context, chat: ChatState, messageId: number, what: string): StoredMessage {
  const found = context.world.find(chat, messageId);
  if (found === undefined) throw badRequest(`${what} not found`);
  return found;
}

export function checkThread(chat: ChatState, thread: number | undefined): void {
  if (thread === undefined || thread === 0) return;
  if ((chat.forum || chat.kind === 'private') && !chat.topics.has(thread)) throw badRequest('message thread not found');
}

/** Seconds, as the Bot API writes time. */
export const unixTime = (ms: number): number => Math.floor(ms / 1000);
