/** Updates that nobody has taken yet: which kinds are wanted, how long each is kept, which must follow which (Client.cpp of the Bot API server). */
import type { Update } from 'grammy/types';
import type { EventLog } from '../control/event-log.ts';
import type { DeliveryOptions } from '../types.ts';

export interface PendingUpdate {
  id: number;
  update: Update;
  /** Updates of one lane go to the webhook one after the other. */
  lane: string;
  expiresAt: number;
  delivery: DeliveryOptions;
  failures: number;
}

export interface UpdateQueue {
  /** Gives the `update_id`, or null when this kind is not wanted. */
  push(kind: string, content: Record<string, unknown>, delivery?: DeliveryOptions): number | null;
  /** As it stands, wanted or not. */
  pushRaw(update: Record<string, unknown>, delivery?: DeliveryOptions): number;
  /** Oldest first, without those too old to be delivered. */
  pending(): PendingUpdate[];
  isPending(id: number): boolean;
  take(id: number): void;
  /** All before `offset` count as taken (getUpdates). */
  takeBefore(offset: number): void;
  /** An update that was taken, once more. */
  find(id: number): Update | undefined;
  clear(): void;
  /** Undefined leaves the choice as it was, empty sets Telegram's default. */
  allow(kinds: readonly string[] | undefined): void;
  /** Undefined when it is Telegram's default. */
  allowed(): string[] | undefined;
  onPush(listener: (pending: PendingUpdate) => void): void;
}

/** Not sent unless asked for by name (`allowed_updates` of setWebhook). */
const notByDefault = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);
const day = 24 * 60 * 60 * 1000;
const shortLived: Record<string, number> = {
  callback_query: 150_000,
  shipping_query: 150_000,
  pre_checkout_query: 150_000,
  inline_query: 30_000,
  chosen_inline_result: 600_000,
};

export interface UpdateQueueDeps {
  now(): number;
  events: EventLog;
  kinds: ReadonlySet<string>;
  firstId: number;
  lifetimeMs?: number;
  /** How many taken updates can be found again. */
  history: number;
}

export function createUpdateQueue({
  now,
  events,
  kinds,
  firstId,
  lifetimeMs = day,
  history,
}: UpdateQueueDeps): UpdateQueue {
  const waiting = new Map<number, PendingUpdate>();
  const taken = new Map<number, Update>();
  const listeners: ((pending: PendingUpdate) => void)[] = [];
  let allowed: Set<string> | undefined;
  let nextId = firstId;

  const add = (id: number, update: Update, delivery: DeliveryOptions): number => {
    const kind = Object.keys(update).find((key) => key !== 'update_id') ?? '';
    const lane = delivery.outOfOrder === true ? `alone:${id}` : laneOf(kind, update, id);
    const expiresAt = now() + Math.min(shortLived[kind] ?? lifetimeMs, lifetimeMs);
    const pending: PendingUpdate = { id, update, lane, expiresAt, delivery, failures: 0 };
    waiting.set(id, pending);
    nextId = Math.max(nextId, id + 1);
    events.emit({ type: 'update', update });
    for (const listener of listeners) listener(pending);
    return id;
  };

  const take = (id: number): void => {
    const pending = waiting.get(id);
    if (pending === undefined) return;
    waiting.delete(id);
    taken.set(id, pending.update);
    if (taken.size > history) taken.delete(taken.keys().next().value as number);
    events.emit({ type: 'delivered', updateId: id });
  };

  const isAllowed = (kind: string): boolean => (allowed === undefined ? !notByDefault.has(kind) : allowed.has(kind));

  return {
    push: (kind, content, delivery = {}) =>
      isAllowed(kind) ? add(nextId, { update_id: nextId, [kind]: content }, delivery) : null,
    pushRaw(update, delivery = {}) {
      const id = typeof update['update_id'] === 'number' ? update['update_id'] : nextId;
      return add(id, { update_id: id, ...update }, delivery);
    },
    pending() {
      for (const { id, expiresAt } of waiting.values())
        if (expiresAt <= now()) {
          waiting.delete(id);
          events.emit({ type: 'dropped', updateId: id, reason: 'too old' });
        }
      return [...waiting.values()];
    },
    isPending: (id) => waiting.has(id),
    take,
    takeBefore(offset) {
      for (const id of waiting.keys()) if (id < offset) take(id);
    },
    find: (id) => taken.get(id) ?? waiting.get(id)?.update,
    clear() {
      for (const id of waiting.keys()) events.emit({ type: 'dropped', updateId: id, reason: 'dropped on request' });
      waiting.clear();
    },
    allow(wanted) {
      if (wanted === undefined) return;
      const known = wanted.map((kind) => kind.toLowerCase()).filter((kind) => kinds.has(kind));
      const isDefault = known.length === 0 || isSame(new Set(known), kinds);
      allowed = isDefault ? undefined : new Set(known);
    },
    allowed: () => (allowed === undefined ? undefined : [...allowed]),
    onPush: (listener) => void listeners.push(listener),
  };
}

const isSame = (wanted: ReadonlySet<string>, kinds: ReadonlySet<string>): boolean =>
  wanted.size === kinds.size - notByDefault.size && [...wanted].every((kind) => !notByDefault.has(kind));

/** Messages follow each other within their chat, button presses within their user; the one does not wait for the other. */
function laneOf(kind: string, update: Update, id: number): string {
  const content = (
    update as unknown as Record<string, { chat?: { id: number }; from?: { id: number }; user?: { id: number } }>
  )[kind];
  if (/message|channel_post/.test(kind) && content?.chat !== undefined)
    return `${/reaction/.test(kind) ? 'reaction' : 'message'}:${content.chat.id}`;
  const who = content?.from ?? content?.user ?? content?.chat;
  return who === undefined ? `alone:${id}` : `${kind}:${who.id}`;
}
