/**
 * A strict stand-in of Telegram's Bot API server, on a real socket: for the tests, and for `pryx dev` where there is no account.
 * It refuses what Telegram refuses, in its words, and does on request what networks and servers do at their worst.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEventLog } from './control/event-log.ts';
import { createBot } from './bot.ts';
import { createDefaultClock, createDefaultRandom } from './control/defaults.ts';
import { serveControl } from './control/serve-control.ts';
import { BotApiError, unauthorized } from './protocol/bot-api-error.ts';
import { writeJson } from './protocol/answer-request.ts';
import { fail } from './protocol/carry-out.ts';
import { readBody, readParams, readTarget } from './protocol/read-request.ts';
import type { Hold, TelegramServer, TelegramServerOptions } from './types.ts';

export async function createTelegramServer(options: TelegramServerOptions = {}): Promise<TelegramServer> {
  const { clock = createDefaultClock(), random = createDefaultRandom(), history = 20_000 } = options;
  const events = createEventLog(() => clock.now(), history);
  const bot = createBot({ options, clock, random, events, history });
  const control = options.control === true ? serveControl(bot.control, events, bot.identity) : undefined;

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = incoming.url ?? '/';
    try {
      if (control !== undefined && url.startsWith('/control/')) return await control(incoming, response);
      if (url.startsWith('/file/')) return sendFile(url, response);
      const target = readTarget(url);
      if (target === undefined) throw new BotApiError(404, 'Not Found');
      const body = await readBody(incoming);
      if (!/^[1-9]\d*:[^/]+$/.test(target.token)) throw new BotApiError(401, 'Unauthorized: invalid token specified');
      if (target.token !== bot.identity.token) throw unauthorized();
      const asked = readParams(target.query, body, incoming.headers['content-type']);
      const method = target.method === '' ? String(asked.params['method'] ?? '') : target.method;
      await bot.answerRequest.onSocket(incoming, response, method, asked);
    } catch (error) {
      if (!incoming.socket.destroyed && !response.headersSent) writeJson(response, fail(error));
    }
  };

  const sendFile = (url: string, response: ServerResponse): void => {
    const prefix = `/file/bot${bot.identity.token}/`;
    const file = url.startsWith(prefix) ? bot.files.byPath(decodeURIComponent(url.slice(prefix.length))) : undefined;
    if (file === undefined) throw new BotApiError(404, 'Not Found');
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.size });
    response.end(file.content ?? Buffer.alloc(file.size));
  };

  const server = createServer((incoming, response) => void answer(incoming, response));
  // Telegram keeps idle connections for a while; a client may come back late.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  const hold = (method: string, { processed, chat }: { processed: boolean; chat?: number }): Hold => {
    const id = bot.control.orderFault({
      fault: { kind: 'hold', processed },
      method,
      ...(chat === undefined ? {} : { chat }),
    });
    const held = events.waitFor('held', ({ faultId }) => faultId === id).then(({ call }) => call);
    // A test may never look at it; closing the server then is no error.
    held.catch(() => {});
    return { id, held, release: () => bot.control.releaseHold(id), drop: () => bot.control.dropHold(id) };
  };

  const close = async (): Promise<void> => {
    bot.close();
    events.close();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };

  return {
    ...bot.control,
    now: events.now,
    on: events.on,
    waitFor: events.waitFor,
    waitForMessage: events.waitForMessage,
    waitForCall: events.waitForCall,
    origin: `http://127.0.0.1:${port}`,
    token: bot.identity.token,
    bot: bot.identity.bot,
    hold,
    close,
    [Symbol.asyncDispose]: close,
  };
}
