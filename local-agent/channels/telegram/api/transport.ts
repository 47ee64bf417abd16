/**
 * One POST to the Bot API over `node:http(s)`: the `fetch` that grammY is given (docs/decisions/020). It exists because only here can be
 * told whether a failed request had left, which decides whether a message may be sent again.
 */
import http from 'node:http';
import https from 'node:https';
import * as z from 'zod';
import { readJson } from '../../../../shared/read-json.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Random } from '../../../core/random.ts';

/** What went wrong below the Bot API. Its message names no URL: that holds the token. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The request may have reached Telegram. */
  readonly left: boolean;
  /** HTTP status of an answer that was not the Bot API's. */
  readonly status: number | undefined;

  constructor(message: string, options: { left: boolean; status?: number }) {
    super(message);
    this.left = options.left;
    this.status = options.status;
  }
}

export interface Transport {
  /** The part of `fetch` that grammY uses. Rejects with `TransportError` alone. */
  fetch(url: string, init: RequestToSend): Promise<{ json(): Promise<unknown> }>;
  /** Closes idle connections; requests under way end by their signal. */
  close(): void;
}

interface RequestToSend {
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** `ResponseParameters`. */
const asks = z.object({
  retry_after: z.int().nonnegative().optional().catch(undefined),
  migrate_to_chat_id: z.int().optional().catch(undefined),
});
/** `Making requests`: every answer has `ok`; a refusal a code and a description besides. Anything else did not come from the Bot API. */
const botApiAnswer = z.discriminatedUnion('ok', [
  z.looseObject({ ok: z.literal(true), result: z.unknown() }),
  z.looseObject({
    ok: z.literal(false),
    error_code: z.int(),
    description: z.string(),
    parameters: asks.optional().catch(undefined),
  }),
]);

/**
 * Some of Telegram's servers reset a handshake that offers X25519MLKEM768, as OpenSSL 3.5 and so Node 24 does (tdlib/telegram-bot-api#896
 * measured 17 % of connections). After the first such reset the groups of before are offered.
 */
const classicalGroups = 'X25519:P-256:P-384';
const handshakeAttempts = 4;
const handshakeRetryMs = 100;

const agentOptions: http.AgentOptions & https.AgentOptions = {
  keepAlive: true,
  // Connections that were idle for longer are not worth the race against Telegram's own closing of them.
  timeout: 30_000,
  maxSockets: 64,
  maxFreeSockets: 16,
  // Node gives each address 250 ms before it tries the next, and fails when the last, an IPv6 one, has no route (nodejs/node#54359).
  autoSelectFamilyAttemptTimeout: 2_500,
};

export interface TransportDeps {
  clock: Clock;
  random: Random;
  /** Key-share groups in OpenSSL's notation; default: what Node offers. */
  tlsGroups?: string | undefined;
}

export function createTransport({ clock, random, tlsGroups }: TransportDeps): Transport {
  const plainAgent = new http.Agent(agentOptions);
  const secureAgent = new https.Agent(agentOptions);
  let groups = tlsGroups;

  async function fetch(url: string, init: RequestToSend): Promise<{ json(): Promise<unknown> }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await post(url, init);
        return { json: () => Promise.resolve(answer) };
      } catch (error) {
        if (!(error instanceof HandshakeReset)) throw error;
        if (attempt === handshakeAttempts || init.signal.aborted)
          throw new TransportError(error.message, { left: false });
        groups ??= classicalGroups;
        await clock
          .sleep(handshakeRetryMs * 2 ** (attempt - 1) * (0.5 + random.fraction()), init.signal)
          .catch(() => undefined);
      }
    }
  }

  function post(url: string, { headers, body, signal }: RequestToSend): Promise<unknown> {
    const secure = url.startsWith('https:');
    const bytes = Buffer.from(body);
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': bytes.length },
      ...(secure
        ? { agent: secureAgent, ...(groups === undefined ? {} : { ecdhCurve: groups }) }
        : { agent: plainAgent }),
    };
    return new Promise((resolve, reject) => {
      let left = false;
      let connected = false;
      const request = secure ? https.request(url, options) : http.request(url, options);
      const abort = (): void => void request.destroy(new Error('no answer in time'));
      const fail = (error: NodeJS.ErrnoException): void => {
        signal.removeEventListener('abort', abort);
        const reset = secure && connected && !left && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        if (error instanceof TransportError) reject(error);
        else reject(reset ? new HandshakeReset(reasonOf(error)) : new TransportError(reasonOf(error), { left }));
      };
      request.once('socket', (socket) => {
        // A socket that was used before takes the request at once, a new one when it is through with its handshake.
        left = request.reusedSocket;
        if (left) return;
        socket.once('connect', () => {
          connected = true;
          left ||= !secure;
        });
        socket.once('secureConnect', () => {
          left = true;
        });
      });
      request.on('error', fail);
      request.once('response', (response) => {
        readAnswer(response).then((answer) => {
          signal.removeEventListener('abort', abort);
          resolve(answer);
        }, fail);
      });
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
      request.end(bytes);
    });
  }

  return {
    fetch,
    close() {
      // Not `agent.destroy()`: that would tear down the sockets of requests under way, whose answers still count.
      for (const agent of [plainAgent, secureAgent])
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    },
  };
}

class HandshakeReset extends Error {}

/** More than a full batch of `getUpdates`; only keeps a confused peer from filling the memory. */
const maxAnswerBytes = 64 * 1024 * 1024;

async function readAnswer(response: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  const status = response.statusCode ?? 0;
  const answer = botApiAnswer.safeParse(readJson(Buffer.concat(chunks).toString()));
  if (!answer.success)
    throw new TransportError(`an answer with HTTP status ${status} that is not the Bot API's`, { left: true, status });
  return answer.data;
}

/** Node's own words hold address and port at most. Of several addresses that were tried in vain, the last is told. */
function reasonOf(error: Error): string {
  const last = error instanceof AggregateError ? (error.errors.at(-1) as Error | undefined) : error;
  return last?.message || ('code' in error ? String(error.code) : error.name);
}
