/**
 * HTTP towards model servers: connect, first-byte and idle time limits of their own, connections kept open between turns.
 * Plain `node:http`, since `fetch` tells neither when it has connected nor lets a slow prompt run past five minutes (decision 030).
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http';
import { Agent as HttpsAgent, request as secureRequest } from 'node:https';
import type { Clock } from '../core/clock.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { ModelError } from './model-error.ts';

/** Milliseconds. */
export interface TimeLimits {
  connect: number;
  /** From the connection to the first byte of the answer. */
  firstByte: number;
  /** Between two pieces of the answer. */
  idle: number;
  /** From the first byte of the answer to its last. */
  whole: number;
}

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  /** JSON. */
  body?: string;
  signal: AbortSignal;
  limits: TimeLimits;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** To be read once, if at all. Throws `model_unreachable` when the connection is lost or falls silent. */
  body: AsyncGenerator<string, void, undefined>;
}

export interface Http {
  /** Throws `model_unreachable`, or the signal's reason. Follows no redirect: the key is for one server. */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export function createHttp(clock: Clock): Http {
  const plain = new HttpAgent({ keepAlive: true, maxFreeSockets: 4 });
  const secure = new HttpsAgent({ keepAlive: true, maxFreeSockets: 4 });
  return {
    async exchange({ method, url, headers, body, signal, limits }) {
      signal.throwIfAborted();
      const options = {
        method,
        signal,
        // Node's 250 ms a try are too short for slow lines whose IPv6 leads nowhere (decision 020).
        autoSelectFamilyAttemptTimeout: 2500,
        headers: {
          accept: '*/*',
          'accept-encoding': 'identity',
          'user-agent': 'pryx',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      };
      const outgoing = url.startsWith('https:')
        ? secureRequest(url, { ...options, agent: secure })
        : request(url, { ...options, agent: plain });
      outgoing.end(body);
      try {
        const response = await answerTo(outgoing, clock, limits);
        return {
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: readBody(response, clock, limits, signal),
        };
      } catch (error) {
        throw lost(error, signal);
      }
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** Waits for the head of the answer, first for the connection and then for the server. */
function answerTo(outgoing: ClientRequest, clock: Clock, limits: TimeLimits): Promise<IncomingMessage> {
  const giveUp = (message: string, retryable: boolean) => () =>
    void outgoing.destroy(new ModelError('model_unreachable', message, { retryable }));
  let deadline: Deadline = createDeadline(
    clock,
    limits.connect,
    giveUp('No connection to the model server in time.', true),
  );
  const connected = (): void => {
    deadline.end();
    // Not retryable: the server is at work on it, and a second request would only add to its load.
    deadline = createDeadline(clock, limits.firstByte, giveUp('The model server did not answer in time.', false));
  };
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) connected();
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
  });
  return new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  }).finally(() => deadline.end());
}

async function* readBody(
  response: IncomingMessage,
  clock: Clock,
  limits: TimeLimits,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  response.setEncoding('utf8');
  const giveUp = (message: string, retryable: boolean) => () =>
    void response.destroy(new ModelError('model_unreachable', message, { retryable }));
  const deadline = createDeadline(clock, limits.idle, giveUp('The model server fell silent.', true));
  const end = createDeadline(clock, limits.whole, giveUp('The answer of the model server came to no end.', false));
  try {
    for await (const chunk of response.iterator({ destroyOnReturn: false })) {
      deadline.extend();
      yield String(chunk);
    }
  } catch (error) {
    throw lost(error, signal);
  } finally {
    deadline.end();
    end.end();
    letGo(response, clock);
  }
}

/** A reader that has what it needs leaves the last bytes to be drained, so that the connection can serve the next turn. */
function letGo(response: IncomingMessage, clock: Clock): void {
  if (response.closed || response.destroyed) return;
  const deadline = createDeadline(clock, 1000, () => void response.destroy());
  response.once('close', deadline.end);
  response.on('error', deadline.end);
  response.resume();
}

function lost(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ModelError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return new ModelError('model_unreachable', `The connection to the model server failed (${code ?? 'unknown'}).`, {
    retryable: true,
    cause: error,
  });
}
