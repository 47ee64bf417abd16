/** What the people's side needs. */
import type { User } from 'grammy/types';
import type { EventLog } from '../control/event-log.ts';
import type { UpdateQueue } from '../delivery/update-queue.ts';
import type { CallbackQuery } from '../methods/context.ts';
import type { ChatId, UserId } from '../types.ts';
import type { Files } from './files.ts';
import type { ChatState, World } from './world.ts';

export interface PeopleDeps {
  world: World;
  queue: UpdateQueue;
  events: EventLog;
  files: Files;
  callbackQueries: Map<string, CallbackQuery>;
  callbackLifetimeMs: number;
  readsAllGroupMessages: boolean;
  now(): number;
  /** Decimal digits. */
  randomDigits(length: number): string;
}

export function getUser({ world }: PeopleDeps, id: UserId): User {
  const user = world.users.get(id);
  if (user === undefined) throw new Error(`There is no user ${id}.`);
  return user;
}

export function getChat({ world }: PeopleDeps, id: ChatId): ChatState {
  const chat = world.chats.get(id);
  if (chat === undefined) throw new Error(`There is no chat ${id}.`);
  return chat;
}
