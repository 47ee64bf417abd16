/** `pryx dev`, which is `npm start`: a local edge, a stand-in of Telegram unless there is a bot, the daemon, and a prompt. */
import { userInfo } from 'node:os';
import { styleText } from 'node:util';
import type { TelegramServer } from '../../../test/support/telegram/types.ts';
import { PryxError } from '../../../shared/error.ts';
import { type Conversation, createConversation } from '../dev/conversation.ts';
import { freePort } from '../dev/free-port.ts';
import { type LocalDaemon, startLocalDaemon } from '../dev/local-daemon.ts';
import { type LocalEdge, startLocalEdge } from '../dev/local-edge.ts';
import { type CliHome, findHome } from '../home.ts';
import { showClaim, showHouse } from '../dev/show-house.ts';
import { formatTrace } from '../dev/show-trace.ts';

export interface DevOptions {
  home?: string;
  /** With `say`: one JSON document on standard output. */
  json?: boolean;
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
export async function dev(options: DevOptions): Promise<number> {
  const home = findHome(options.home, process.env);
  const tell = (line: string): void => void process.stderr.write(`${styleText('dim', line)}\n`);
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
    return await serve(options, { home, edge, telegram, daemon, stopping });
  } finally {
    // The daemon first: what it still sends needs the others.
    for (const part of started.toReversed()) await part.stop();
  }
}

interface House {
  home: CliHome;
  edge: LocalEdge;
  telegram: StandIn | null;
  daemon: LocalDaemon;
  stopping: AbortSignal;
}

async function serve(options: DevOptions, { home, edge, telegram, daemon, stopping }: House): Promise<number> {
  const status = await daemon.connected(connectWithinMs);
  const conversation = telegram && createConversation(telegram.server, home, telegram.user);
  if (options.say !== undefined) {
    if (conversation === null) {
      throw new PryxError('usage', '--say speaks through the stand-in of Telegram, and TELEGRAM_BOT_TOKEN is set.', {
        hint: 'Write to your bot in Telegram, or unset TELEGRAM_BOT_TOKEN.',
      });
    }
    return sayOnce(conversation, options.say, options, stopping);
  }
  process.stdout.write(showHouse(status, edge.origin, telegram !== null));
  if (telegram === null) await showClaim(home);
  if (conversation === null || !process.stdin.isTTY) {
    await new Promise<void>((resolve) =>
      stopping.aborted ? resolve() : stopping.addEventListener('abort', () => resolve()),
    );
    return 0;
  }
  const { runPrompt } = await import('../dev/prompt.ts');
  await runPrompt(conversation, { trace: options.trace ?? false, stopping });
  return 0;
}

async function sayOnce(
  conversation: Conversation,
  text: string,
  { json, trace }: DevOptions,
  stopping: AbortSignal,
): Promise<number> {
  const exchange = await conversation.ask(
    text,
    () => undefined,
    AbortSignal.any([stopping, AbortSignal.timeout(answerWithinMs)]),
  );
  if (json === true) process.stdout.write(`${JSON.stringify({ said: text, ...exchange })}\n`);
  else
    process.stdout.write(
      `${exchange.answer.join('\n\n')}\n${trace === true ? `\n${formatTrace(exchange.trace, exchange.webhook)}\n` : ''}`,
    );
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
    PRYX_PORT: process.env.PRYX_PORT ?? String(await freePort(usualPort)),
    PRYX_EDGE_URL: edge.origin,
    PRYX_DEVELOPMENT_TOKEN: edge.developmentToken,
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

function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  return stopping.signal;
}
