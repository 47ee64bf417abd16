/** What happened, in order, and waiting for what will: event driven, so that no test has to poll. */
import type { EventOf, EventType, StandInEvent, WaitOptions, Waiting } from '../types.ts';

type Unnumbered<E> = E extends unknown ? Omit<E, 'seq' | 'at'> : never;
export type NewEvent = Unnumbered<StandInEvent>;

export interface EventLog extends Waiting {
  emit(event: NewEvent): void;
  /** Takes in an event that was numbered elsewhere. */
  adopt(event: StandInEvent): void;
  after(seq: number): StandInEvent[];
  /** Rejects everybody who still waits. */
  close(): void;
}

/** `history`: how many events are kept at least. */
export function createEventLog(now: () => number, history: number): EventLog {
  let events: StandInEvent[] = [];
  let last = 0;
  let closed = false;
  const listeners = new Set<(event: StandInEvent) => void>();
  const onClose = new Set<() => void>();

  const adopt = (event: StandInEvent): void => {
    last = event.seq;
    events.push(event);
    // Cut seldom, and by half, so that a long run costs nothing per event.
    if (events.length > history * 2) events = events.slice(-history);
    for (const listener of listeners) listener(event);
  };

  const after = (seq: number): StandInEvent[] => events.slice(Math.max(0, seq + 1 - (events[0]?.seq ?? 0)));

  const wait = async <E extends StandInEvent>(
    what: string,
    fits: (event: StandInEvent) => event is E,
    { after: seq = 0, signal }: WaitOptions = {},
  ): Promise<E> => {
    signal?.throwIfAborted();
    const past = after(seq).find(fits);
    if (past !== undefined) return past;
    const gone = (): Error => new Error(`The stand-in of Telegram was closed while a test waited for ${what}.`);
    if (closed) throw gone();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        listeners.delete(listener);
        onClose.delete(close);
        signal?.removeEventListener('abort', abort);
        settle();
      };
      const listener = (event: StandInEvent): void => {
        if (fits(event)) end(() => resolve(event));
      };
      const close = (): void => end(() => reject(gone()));
      const abort = (): void => end(() => reject(signal?.reason as Error));
      listeners.add(listener);
      onClose.add(close);
      signal?.addEventListener('abort', abort);
    });
  };

  return {
    emit: (event) => adopt({ ...event, seq: last + 1, at: now() }),
    adopt,
    after,
    now: () => last,
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    waitFor: <T extends EventType>(type: T, matches?: (event: EventOf<T>) => boolean, options?: WaitOptions) => {
      const fits = (event: StandInEvent): event is EventOf<T> =>
        event.type === type && (matches?.(event as EventOf<T>) ?? true);
      return wait(`a "${type}" event`, fits, options);
    },
    async waitForMessage(chat, matches, options) {
      const fits = (event: StandInEvent): event is EventOf<'message' | 'edit'> =>
        (event.type === 'message' || event.type === 'edit') &&
        event.message.chat === chat &&
        event.message.fromBot &&
        (matches?.(event.message) ?? true);
      return (await wait(`a message of the bot in chat ${chat}`, fits, options)).message;
    },
    async waitForCall(method, matches, options) {
      const fits = (event: StandInEvent): event is EventOf<'answer'> =>
        event.type === 'answer' && event.call.method === method && (matches?.(event.call) ?? true);
      return (await wait(`an answered ${method}`, fits, options)).call;
    },
    close() {
      closed = true;
      for (const reject of onClose) reject();
    },
  };
}
