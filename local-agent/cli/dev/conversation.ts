/** One person's side of a private chat at the stand-in of Telegram: say something, and see the answer come in. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeenMessage, TelegramServer } from '../../../test/support/telegram/types.ts';
import { type JobTrace, jobTrace } from '../../../shared/api/trace.ts';
import { askDaemon } from '../ask-daemon.ts';
import type { CliHome } from '../home.ts';

export interface Exchange {
  /** What Pryx said, a message each, oldest first. */
  answer: string[];
  trace: JobTrace;
  /** When the webhook was posted and when the edge said 200; milliseconds since the epoch. */
  webhook: { posted: number; accepted: number };
}

export interface Conversation {
  /** `growing` is told the answer so far, whenever it changes. Gives up waiting, not the answer, when `signal` aborts. */
  ask(text: string, growing: (answer: string[]) => void, signal: AbortSignal): Promise<Exchange>;
  /** Labels of the buttons under the last message. */
  buttons(): string[];
  /** Presses one of them; otherwise as `ask`. */
  press(label: string, growing: (answer: string[]) => void, signal: AbortSignal): Promise<Exchange>;
}

const lookAgainMs = 200;

export function createConversation(telegram: TelegramServer, home: CliHome, user: number): Conversation {
  /** Does something as the user, and waits for what comes of it. */
  async function exchange(
    act: () => { updateId: number | null },
    growing: (answer: string[]) => void,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const since = telegram.now();
    const before = new Set(telegram.messages(user).map(({ id }) => id));
    const answer = (): string[] =>
      telegram
        .messages(user)
        .filter((message) => isNew(message, before))
        .map((message) => message.text);
    const changed = createBell();
    const forget = telegram.on((event) => {
      if ((event.type === 'edit' || event.type === 'message') && event.message.chat === user && event.message.fromBot) {
        growing(answer());
        changed.ring();
      }
    });
    try {
      const { updateId } = act();
      const job = `tg:${telegram.bot.id}:${updateId}`;
      for (;;) {
        const trace = await readTrace(home, job).catch(() => undefined);
        if (trace !== undefined && trace.state !== 'unknown' && trace.state !== 'working') {
          return { answer: answer(), trace, webhook: webhookTimes(telegram, updateId, since) };
        }
        signal.throwIfAborted();
        await Promise.race([changed.rung(), sleep(lookAgainMs)]);
      }
    } finally {
      forget();
    }
  }

  const lastMessage = (): SeenMessage | undefined => telegram.messages(user).findLast(({ deleted }) => !deleted);

  return {
    ask: (text, growing, signal) => exchange(() => telegram.say(user, text), growing, signal),
    buttons() {
      const markup = lastMessage()?.replyMarkup;
      return markup && 'inline_keyboard' in markup ? markup.inline_keyboard.flat().map(({ text }) => text) : [];
    },
    press: (label, growing, signal) =>
      exchange(() => telegram.pressButton(user, lastMessage()?.id ?? 0, { label }), growing, signal),
  };
}

/** Throws while the daemon is away. */
const readTrace = async (home: CliHome, job: string): Promise<JobTrace> =>
  jobTrace.parse(await askDaemon(home, { path: `/jobs/${encodeURIComponent(job)}/trace` }));

const isNew = (message: SeenMessage, before: ReadonlySet<number>): boolean =>
  message.fromBot && !message.deleted && !before.has(message.id);

function webhookTimes(telegram: TelegramServer, updateId: number | null, since: number): Exchange['webhook'] {
  for (const event of telegram.events(since)) {
    if (event.type === 'delivery' && event.updateId === updateId)
      return { posted: event.at - event.ms, accepted: event.at };
  }
  return { posted: Number.NaN, accepted: Number.NaN };
}

function createBell() {
  let listener: (() => void) | undefined;
  return {
    ring: (): void => listener?.(),
    rung: (): Promise<void> =>
      new Promise((resolve) => {
        listener = resolve;
      }),
  };
}
