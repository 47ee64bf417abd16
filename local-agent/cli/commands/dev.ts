/** `pryx dev`, which is `npm start`: a local edge, a stand-in of Telegram unless there is a bot, the daemon, and a prompt. */
import { once } from 'node:events';
import { userInfo } from 'node:os';
import type { TelegramServer } from '../../../test/support/telegram/types.ts';
import { PryxError } from '../../../shared/error.ts';
import { type Conversation, createConversation } from '../dev/conversation.ts';
import { freePort } from '../dev/free-port.ts';
import { type LocalDaemon, startLocalDaemon } from '../dev/local-daemon.ts';
import { type LocalEdge, startLocalEdge } from '../dev/local-edge.ts';
import { isForgotten, pairOwnDevice } from '../dev/pair-own-device.ts';
import { showHouse } from '../dev/show-house.ts';
import { showClaim } from '../terminal/show-claim.ts';
import { formatTrace } from '../dev/show-trace.ts';
import type { CommandContext } from '../context.ts';
import { stopSignal } from '../stop-signal.ts';
import type { Output } from '../terminal/output.ts';

export interface DevOptions {
  /** Say this once, show the answer, end. */
  say?: string;
  /** Show what each hop took. */
  trace?: boolean;
  polling?: boolean;
}

const answerWithinMs = 120_000;
const connectWithinMs = 10_000;
const usualPort = 7717;

/** Resolves to the exit code when everything that it started has ended. */
export async function dev(context: CommandContext, options: DevOptions): Promise<number> {
  const { home, output } = context;
  const tell = (line: string): void => output.say(output.styleRemark('dim', line));
  const stopping = stopSignal();
  const started: { stop(): Promise<void> }[] = [];
  const add = <T extends { stop(): Promise<void> }>(part: T): T => {
    started.push(part);
    return part;
  };
  try {
    const pryx = process.argv[1] ?? '';
    const [edge, telegram] = await Promise.all([startLocalEdge(pryx, home.folder, tell).then(add), startStandIn()]);
    if (telegram !== null) add({ stop: () => telegram.server.close() });
    const daemon = add(await startLocalDaemon(pryx, home, await daemonEnvironment(edge, telegram, options), tell));
    if (stopping.aborted) return 0;
    return await serve(context, options, { edge: edge.origin, telegram, daemon, stopping });
  } finally {
    // The daemon first: what it still sends needs the others.
    for (const part of started.toReversed()) await part.stop();
  }
}

interface House {
  edge: string;
  telegram: StandIn | null;
  daemon: LocalDaemon;
  stopping: AbortSignal;
}

async function serve(
  context: CommandContext,
  options: DevOptions,
  { edge, telegram, daemon, stopping }: House,
): Promise<number> {
  const { home, output } = context;
  await pairOwnDevice(context, edge, stopping);
  if (stopping.aborted) return 0;
  let status = await daemon.connected(connectWithinMs);
  if (isForgotten(status)) {
    await pairOwnDevice(context, edge, stopping, { again: true });
    status = await daemon.connected(connectWithinMs);
  }
  const conversation = telegram && createConversation(telegram.server, home, telegram.user);
  if (options.say !== undefined) {
    if (conversation === null) {
      throw new PryxError('usage', '--say speaks through the stand-in of Telegram, and TELEGRAM_BOT_TOKEN is set.', {
        hint: 'Write to your bot in Telegram, or unset TELEGRAM_BOT_TOKEN.',
      });
    }
    return sayOnce(conversation, options.say, { output, stopping, trace: options.trace ?? false });
  }
  process.stdout.write(showHouse(status, telegram !== null));
  if (telegram === null) process.stdout.write(await showClaim(home, output.style));
  if (conversation === null || !process.stdin.isTTY) {
    if (!stopping.aborted) await once(stopping, 'abort');
    return 0;
  }
  const { runPrompt } = await import('../dev/prompt.ts');
  await runPrompt(conversation, { trace: options.trace ?? false, stopping });
  return 0;
}

async function sayOnce(
  conversation: Conversation,
  text: string,
  { output, stopping, trace }: { output: Output; stopping: AbortSignal; trace: boolean },
): Promise<number> {
  const exchange = await conversation
    .ask(text, () => undefined, AbortSignal.any([stopping, AbortSignal.timeout(answerWithinMs)]))
    .catch((cause: unknown) => {
      if (!stopping.aborted && !(cause instanceof DOMException)) throw cause;
      throw new PryxError('unavailable', stopping.aborted ? 'Stopped before the answer.' : 'There was no answer.', {
        hint: 'See what happened with `pryx logs`.',
        cause,
      });
    });
  const hops = trace ? [formatTrace(exchange.trace, exchange.webhook)] : [];
  output.result({ said: text, ...exchange }, [...exchange.answer, ...hops].join('\n\n'));
  return exchange.trace.state === 'answered' ? 0 : 1;
}

interface StandIn {
  server: TelegramServer;
  /** The owner, who sits at this terminal. */
  user: number;
}

/** Null when there is a real bot to speak to. */
async function startStandIn(): Promise<StandIn | null> {
  if (process.env.TELEGRAM_BOT_TOKEN) return null;
  const { createTelegramServer } = await import('../../../test/support/telegram/server.ts');
  const server = await createTelegramServer({
    // A chat that goes on from an earlier start must not see its message ids again: seconds since the epoch only grow.
    lastMessageId: Math.floor(performance.timeOrigin / 1_000),
    webhook: { retryBaseMs: 100, retryCapMs: 1_000 },
  });
  return { server, user: server.createUser({ firstName: userInfo().username }).id };
}

async function daemonEnvironment(
  edge: LocalEdge,
  telegram: StandIn | null,
  { polling }: DevOptions,
): Promise<NodeJS.ProcessEnv> {
  return {
    ...process.env,
    PRYX_PORT: process.env.PRYX_PORT || String(await freePort(usualPort)),
    PRYX_EDGE_URL: edge.origin,
    ...(polling === true ? { PRYX_TELEGRAM_POLLING: 'true' } : {}),
    ...(telegram === null
      ? {}
      : {
          TELEGRAM_BOT_TOKEN: telegram.server.token,
          TELEGRAM_API_ROOT: telegram.server.origin,
          TELEGRAM_OWNER_ID: String(telegram.user),
        }),
  };
}
