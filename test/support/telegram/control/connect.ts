/** Speaks to a stand-in that runs elsewhere (`main.ts`) as if it were here. */
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Identity } from '../bot.ts';
import type { Control, Remote, RemoteTelegramServer, StandInEvent } from '../types.ts';
import { createEventLog } from './event-log.ts';

/** Throws when nobody is there. */
export async function connectTelegramServer(origin: string): Promise<RemoteTelegramServer> {
  const identity = (await ask(origin, 'identity', [])) as Identity;
  const events = createEventLog(() => performance.timeOrigin + performance.now(), 20_000);
  const stream = await openEvents(origin);
  // The process may be killed with the stream open: that ends it, no more.
  stream.on('error', () => {});
  const lines = createInterface({ input: stream });
  const isCaughtUp = Promise.withResolvers<void>();
  let newest: number | undefined;
  lines.on('line', (line) => {
    const event = JSON.parse(line) as StandInEvent;
    // The first line says how far there is to catch up.
    if (newest === undefined) newest = event.seq;
    else events.adopt(event);
    if (events.now() >= newest) isCaughtUp.resolve();
  });
  lines.on('close', () => {
    events.close();
    isCaughtUp.reject(new Error('The stand-in of Telegram hung up.'));
  });
  await isCaughtUp.promise;

  const control = new Proxy({} as Remote<Control>, {
    get: (_, verb) => (verb === 'then' ? undefined : (...args: unknown[]) => ask(origin, String(verb), args)),
  });
  const close = async (): Promise<void> => {
    stream.destroy();
    events.close();
  };
  const own: Omit<RemoteTelegramServer, keyof Control> = {
    origin,
    token: identity.token,
    bot: identity.bot,
    now: events.now,
    on: events.on,
    waitFor: events.waitFor,
    waitForMessage: events.waitForMessage,
    waitForCall: events.waitForCall,
    async hold(method, { processed, chat }) {
      const where = chat === undefined ? {} : { chat };
      const id = await control.orderFault({ fault: { kind: 'hold', processed }, method, ...where });
      const held = events.waitFor('held', ({ faultId }) => faultId === id).then(({ call }) => call);
      held.catch(() => {});
      return { id, held, release: () => control.releaseHold(id), drop: () => control.dropHold(id) };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return new Proxy(own as RemoteTelegramServer, {
    get: (target, name) => (name in target || name === 'then' ? Reflect.get(target, name) : Reflect.get(control, name)),
  });
}

function openEvents(origin: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}/control/events`, { agent: false }, resolve);
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function ask(origin: string, verb: string, args: unknown[]): Promise<unknown> {
  const response = await fetch(`${origin}/control/${verb}`, { method: 'POST', body: JSON.stringify(args) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: string };
  if (error !== undefined) throw new Error(error);
  return result;
}
