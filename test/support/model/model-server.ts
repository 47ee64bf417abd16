/**
 * A stand-in for a model server that speaks OpenAI's chat completions, over a real socket. It is strict about what it is asked, answers at
 * once unless told otherwise, and fails in every way that real ones do, on order.
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChatRequest, refuse } from './check-request.ts';
import { modelLists } from './model-lists.ts';

/** What the next request gets. */
export type Reply =
  | {
      kind: 'text';
      text: string;
      pieces?: number;
      betweenMs?: number;
      finish?: string;
      reasoning?: string;
      usage?: [number, number];
    }
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  /** The connection is reset before any answer. */
  | { kind: 'reset' }
  /** The request is taken, and then nothing, for ever. */
  | { kind: 'silent' }
  /** Some text, and then nothing, for ever. */
  | { kind: 'stall'; text: string }
  /** Some text, and then the connection breaks. */
  | { kind: 'lost'; text: string }
  /** Some text, and then the answer ends in good order, but not at its end. */
  | { kind: 'cut'; text: string }
  /** Some text, and then an error in place of more. */
  | { kind: 'error'; text: string; error: unknown }
  /** Some text, and then what is not JSON, with the question in it. */
  | { kind: 'malformed'; text: string }
  /** Exactly these bytes as the event stream, one write each; after them it ends, or stays open for ever. */
  | { kind: 'raw'; writes: readonly (string | Uint8Array)[]; contentType?: string; staysOpen?: boolean };

export interface Held {
  /** Resolves when a request has come, and what `before` holds was sent. */
  readonly arrived: Promise<void>;
  /** Lets it go on to its end. */
  release(): void;
}

export interface ModelServerOptions {
  /** Whose lists of models it shows. */
  flavour?: keyof typeof modelLists;
  models?: readonly string[];
  /** When set, it must be given. */
  apiKey?: string;
  port?: number;
  /** Refuses this parameter, as older servers do. */
  unknownParameter?: string;
  /** More characters of prompt than this are refused. */
  contextCharacters?: number;
}

export interface ModelServer {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly port: number;
  /** Every well-formed chat request so far. */
  readonly chats: ChatRequest[];
  /** Method, path, connection and headers of every request so far. */
  readonly requests: { path: string; headers: IncomingMessage['headers']; connection: number }[];
  /** What the coming requests get, in this order; after that `answer` speaks. */
  next(...replies: Reply[]): void;
  /** The answer to whatever nothing was ordered for; replace it at will. */
  answer: (request: ChatRequest) => string;
  /** The next request waits half-way until it is released. */
  hold(text: { before: string; after: string }): Held;
  close(): Promise<void>;
}

export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const { flavour = 'openai', models = ['test-model'] } = options;
  const listsOf: (models: readonly string[]) => Record<string, unknown> = modelLists[flavour];
  const ordered: (Reply | ((response: ServerResponse, request: ChatRequest) => Promise<void>))[] = [];
  const connections = new Map<unknown, number>();

  const server = createServer((request, response) => {
    if (!connections.has(request.socket)) connections.set(request.socket, connections.size + 1);
    const path = `${request.method} ${request.url}`;
    handle.requests.push({ path, headers: request.headers, connection: connections.get(request.socket) ?? 0 });
    answer(path, request, response).catch(() => response.destroy());
  });

  async function answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const list = listsOf(models)[path];
    if (list !== undefined) return sendJson(response, 200, list);
    const body = await readBody(request);
    const refusal = refuse(path, request.headers, body, { ...options, models });
    if (refusal !== undefined) return sendJson(response, refusal.status, { error: refusal.error });
    const chat = JSON.parse(body) as ChatRequest;
    handle.chats.push(chat);
    const order = ordered.shift();
    if (typeof order === 'function') await order(response, chat);
    else await perform(order ?? { kind: 'text', text: handle.answer(chat) }, response, chat);
  }

  async function perform(reply: Reply, response: ServerResponse, chat: ChatRequest): Promise<void> {
    switch (reply.kind) {
      case 'status':
        return sendJson(response, reply.status, reply.body ?? '', reply.headers);
      case 'reset':
        return void response.socket?.resetAndDestroy();
      case 'silent':
        return;
      case 'raw':
        response.writeHead(200, { 'content-type': reply.contentType ?? 'text/event-stream' });
        for (const write of reply.writes) {
          response.write(write);
          await pause(2);
        }
        if (reply.staysOpen !== true) response.end();
        return;
      case 'text':
        return sendText(reply, response, chat);
      default:
        return breakOff(reply, response, chat);
    }
  }

  async function sendText(reply: Extract<Reply, { kind: 'text' }>, response: ServerResponse, chat: ChatRequest) {
    startStream(response);
    if (reply.reasoning !== undefined) sendDelta(response, { reasoning_content: reply.reasoning });
    for (const piece of split(reply.text, reply.pieces ?? 1)) {
      if (reply.betweenMs !== undefined) await pause(reply.betweenMs);
      sendDelta(response, { content: piece });
    }
    finishStream(response, chat, reply.text, reply.finish, reply.usage);
  }

  async function breakOff(
    reply: Extract<Reply, { text: string }>,
    response: ServerResponse,
    chat: ChatRequest,
  ): Promise<void> {
    startStream(response);
    if (reply.text !== '') sendDelta(response, { content: reply.text });
    await pause(5);
    if (reply.kind === 'lost') response.socket?.resetAndDestroy();
    if (reply.kind === 'cut') response.end();
    if (reply.kind === 'error') response.end(`data: ${JSON.stringify({ error: reply.error })}\n\n`);
    if (reply.kind === 'malformed') response.end(`data: {"choices": ${chat.messages.at(-1)?.content}\n\n`);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const handle: ModelServer = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    chats: [],
    requests: [],
    next: (...replies) => void ordered.push(...replies),
    answer: (chat) => `You said: ${chat.messages.at(-1)?.content ?? ''}`,
    hold({ before, after }) {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      ordered.push(async (response, chat) => {
        startStream(response);
        if (before !== '') sendDelta(response, { content: before });
        // On its way before anybody is told.
        await new Promise<void>((resolve) => response.write(': held\n\n', () => resolve()));
        arrived.resolve();
        await released.promise;
        sendDelta(response, { content: after });
        finishStream(response, chat, before + after);
      });
      return { arrived: arrived.promise, release: released.resolve };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return handle;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const send = (response: ServerResponse, chunk: object): void =>
  void response.write(
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'test-model', ...chunk })}\n\n`,
  );

const sendDelta = (response: ServerResponse, delta: object): void =>
  send(response, { choices: [{ index: 0, delta, finish_reason: null }] });

function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  sendDelta(response, { role: 'assistant', content: '' });
}

/** A token a word, unless told otherwise. */
function finishStream(
  response: ServerResponse,
  chat: ChatRequest,
  text: string,
  finish = 'stop',
  usage: [number, number] = [countWords(chat.messages.map(({ content }) => content).join(' ')), countWords(text)],
): void {
  send(response, { choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  if (chat.stream_options?.include_usage === true) {
    const [prompt, completion] = usage;
    const counts = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
    send(response, { choices: [], usage: counts });
  }
  response.end('data: [DONE]\n\n');
}

const countWords = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

function split(text: string, pieces: number): string[] {
  const characters = [...text];
  const size = Math.max(1, Math.ceil(characters.length / pieces));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  );
}
