import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { LanguageModel, ModelEvent } from '../../../../local-agent/core/language-model.ts';
import { Secret } from '../../../../local-agent/core/settings.ts';
import { type Http, createHttp } from '../../../../local-agent/models/http.ts';
import type { ModelError } from '../../../../local-agent/models/model-error.ts';
import { createOpenAiCompatible } from '../../../../local-agent/models/providers/openai-compatible.ts';
import { describeLanguageModel } from '../../../contract/language-model.ts';
import { type ModelServerOptions, type Reply, startModelServer } from '../../../support/model/model-server.ts';
import { createVirtualClock, settle } from '../../../support/virtual-clock.ts';

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const apiKey = 'sk-very-secret';
const limits = { connect: 1000, firstByte: 2000, idle: 3000, whole: 20_000 };

async function setUp(options: ModelServerOptions & { model?: string | null } = {}) {
  const { model: name = 'test-model', ...serverOptions } = options;
  const server = await startModelServer({ apiKey, ...serverOptions });
  const clock = createVirtualClock();
  const http: Http = createHttp(clock);
  cleanUps.push(
    () => http.close(),
    () => server.close(),
  );
  const key = new Secret(apiKey);
  const model = createOpenAiCompatible({
    http,
    clock,
    provider: 'openai',
    baseUrl: server.baseUrl,
    model: name,
    apiKey: key,
    limits,
  });
  return { server, clock, model, key };
}

async function ask(model: LanguageModel, text = 'my private words', signal = new AbortController().signal) {
  const events: ModelEvent[] = [];
  for await (const event of model.stream({ messages: [{ role: 'user', text }], signal })) events.push(event);
  return {
    text: events.map((event) => (event.type === 'text' ? event.text : '')).join(''),
    finish: events.find((event) => event.type === 'finish'),
  };
}

const failure = async (asked: Promise<unknown>): Promise<ModelError> =>
  asked.then(
    () => expect.fail('It should have failed.'),
    (error: unknown) => error as ModelError,
  );

/** Everything of an error that could end up in a log or an answer. */
const shown = (error: Error): string => inspect(error, { depth: 10 }) + JSON.stringify(error) + error.stack;

describeLanguageModel('An OpenAI-compatible server', async () => {
  const { server, model } = await setUp();
  return {
    model,
    willSay: (text) => server.next({ kind: 'text', text, pieces: 4 }),
    willRefuseKey: () => server.next({ kind: 'status', status: 401 }),
    willHold: (before, after) => server.hold({ before, after }),
  };
});

describe('What is asked', () => {
  it('is the whole conversation, streamed, with the key and a count of tokens', async () => {
    const { server, model } = await setUp();
    const answer = await ask(model, 'hello there');
    expect(answer).toEqual({
      text: 'You said: hello there',
      finish: { type: 'finish', reason: 'stop', usage: { inputTokens: 2, outputTokens: 4 } },
    });
    expect(server.chats).toEqual([
      {
        model: 'test-model',
        messages: [{ role: 'user', content: 'hello there' }],
        stream: true,
        stream_options: { include_usage: true },
      },
    ]);
  });

  it('is well-formed, even where an emoji was cut in two', async () => {
    const { server, model } = await setUp();
    await ask(model, 'half a \uD83E duck');
    expect(server.chats[0]?.messages).toEqual([{ role: 'user', content: 'half a \uFFFD duck' }]);
  });

  it('goes over the same connection again', async () => {
    const { server, model } = await setUp();
    for (let turn = 0; turn < 3; turn += 1) {
      await ask(model);
      await settle();
    }
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  it('leaves out what the server does not know, and does not ask for it again', async () => {
    const { server, model } = await setUp({ unknownParameter: 'stream_options' });
    expect((await ask(model)).finish?.usage).toEqual({ inputTokens: null, outputTokens: null });
    await ask(model);
    expect(server.requests).toHaveLength(3);
  });

  it('goes to the first chat model that the server lists when none is named', async () => {
    const { server, model } = await setUp({ model: null, models: ['text-embedding-3-small', 'first', 'second'] });
    expect(model.model).toBeNull();
    await ask(model);
    await ask(model);
    expect(model.model).toBe('first');
    expect(server.requests.map(({ path }) => path)).toEqual([
      'GET /v1/models',
      'POST /v1/chat/completions',
      'POST /v1/chat/completions',
    ]);
  });

  it('says to set PRYX_MODEL when the server lists nothing that can chat', async () => {
    const { model } = await setUp({ model: null, models: ['text-embedding-3-small'] });
    expect(await failure(ask(model))).toMatchObject({ code: 'model_refused', hint: 'Set PRYX_MODEL.' });
  });
});

describe('What comes back', () => {
  const said = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

  it('is put together wherever the bytes were cut', async () => {
    const { server, model } = await setUp();
    const bytes = Buffer.from(
      `${said({ content: 'Ein 🦊 ' })}: comment\r\n\r\n${said({ content: 'läuft' }, 'stop')}data: [DONE]\n\n`,
    );
    server.next({
      kind: 'raw',
      writes: Array.from({ length: bytes.length }, (_, index) => bytes.subarray(index, index + 1)),
    });
    expect((await ask(model)).text).toBe('Ein 🦊 läuft');
  });

  it('may come as parts, as a refusal, with reasoning that is not shown, and without choices', async () => {
    const { server, model } = await setUp();
    server.next({
      kind: 'raw',
      writes: [
        'data: {"choices":[],"prompt_filter_results":[]}\n\n',
        said({ role: 'assistant', content: null, reasoning_content: 'hidden thought' }),
        said({
          content: [
            { type: 'text', text: 'one ' },
            { type: 'thinking', thinking: [] },
          ],
        }),
        said({ refusal: 'two' }),
        said({}, 'stop'),
        'data: [DONE]\n\n',
      ],
    });
    expect((await ask(model)).text).toBe('one two');
  });

  it.each([
    ['length', 'length'],
    ['content_filter', 'filtered'],
    ['tool_calls', 'other'],
  ])('tells that it finished for %s', async (given, told) => {
    const { server, model } = await setUp();
    server.next({ kind: 'text', text: 'x', finish: given });
    expect((await ask(model)).finish?.reason).toBe(told);
  });

  it.each([
    '{"prompt_tokens":12.5,"completion_tokens":-3}',
    '{"prompt_tokens":1e300,"completion_tokens":"7"}',
    '"free"',
  ])('counts when the count of its tokens makes no sense: %s', async (usage) => {
    const { server, model } = await setUp();
    server.next({
      kind: 'raw',
      writes: [
        'data: {"choices":[{"delta":{"content":"good"},"finish_reason":"stop"}]}\n\n',
        `data: {"choices":[],"usage":${usage}}\n\ndata: [DONE]\n\n`,
      ],
    });
    expect(await ask(model)).toEqual({
      text: 'good',
      finish: { type: 'finish', reason: 'stop', usage: { inputTokens: null, outputTokens: null } },
    });
  });

  it('may end for a reason that no list has', async () => {
    const { server, model } = await setUp();
    server.next({ kind: 'text', text: 'good', finish: 'constructor' });
    expect((await ask(model)).finish?.reason).toBe('other');
  });

  it('may end with [DONE] alone, or without it', async () => {
    const { server, model } = await setUp();
    server.next({ kind: 'raw', writes: [said({ content: 'a' }), 'data: [DONE]\n\n'] });
    server.next({ kind: 'raw', writes: [said({ content: 'b' }, 'stop')] });
    expect(await ask(model)).toMatchObject({ text: 'a', finish: { reason: 'other' } });
    expect(await ask(model)).toMatchObject({ text: 'b', finish: { reason: 'stop' } });
  });

  it('is not waited for after [DONE], however long the server keeps the connection open', async () => {
    const { server, model } = await setUp();
    server.next({ kind: 'raw', writes: [said({ content: 'a' }, 'stop'), 'data: [DONE]\n\n'], staysOpen: true });
    expect(await ask(model)).toMatchObject({ text: 'a', finish: { reason: 'stop' } });
    expect((await ask(model, 'again')).text).toBe('You said: again');
  });

  it('is refused when it is one event without an end', async () => {
    const { server, model } = await setUp();
    server.next({ kind: 'raw', writes: Array.from({ length: 20 }, () => 'data: '.padEnd(100_000, 'x')) });
    expect(await failure(ask(model))).toMatchObject({ code: 'model_refused', retryable: false });
  });
});

describe('What goes wrong', () => {
  const replies: [string, Reply, Partial<ModelError>][] = [
    ['a refused key', { kind: 'status', status: 401 }, { code: 'model_unauthorized', retryable: false }],
    ['a forbidden model', { kind: 'status', status: 403 }, { code: 'model_unauthorized', retryable: false }],
    ['no credit', { kind: 'status', status: 402 }, { code: 'model_refused', retryable: false }],
    [
      'a used-up quota, which no waiting brings back',
      { kind: 'status', status: 429, body: { error: { code: 'insufficient_quota' } } },
      { code: 'model_refused', retryable: false },
    ],
    [
      'too many requests',
      { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
      { code: 'model_rate_limited', retryable: true, retryAfterMs: 7000 },
    ],
    ['a server error', { kind: 'status', status: 500 }, { code: 'model_unreachable', retryable: true }],
    [
      'a model that is still loading',
      { kind: 'status', status: 503, headers: { 'retry-after-ms': '250', 'retry-after': '1' } },
      { code: 'model_unreachable', retryable: true, retryAfterMs: 250 },
    ],
    ['an unknown address', { kind: 'status', status: 404 }, { code: 'model_refused', retryable: false }],
    [
      'a redirection, which is not followed',
      { kind: 'status', status: 307, headers: { location: 'http://127.0.0.1:9/' } },
      { code: 'model_refused', retryable: false },
    ],
    ['a bad request', { kind: 'status', status: 400 }, { code: 'model_refused', promptTooLong: false }],
    [
      'a prompt that is too long for llama.cpp',
      { kind: 'status', status: 400, body: { error: { type: 'exceed_context_size_error' } } },
      { code: 'model_refused', promptTooLong: true },
    ],
    ['a reset', { kind: 'reset' }, { code: 'model_unreachable', retryable: true }],
    ['a connection lost in the middle', { kind: 'lost', text: 'a' }, { code: 'model_unreachable', retryable: true }],
    ['an answer that ends in the middle', { kind: 'cut', text: 'a' }, { code: 'model_unreachable', retryable: true }],
    ['what is not JSON', { kind: 'malformed', text: 'a' }, { code: 'model_refused', retryable: false }],
    [
      'an error in the middle',
      { kind: 'error', text: 'a', error: { message: 'my private words', code: 429 } },
      { code: 'model_rate_limited', retryable: true },
    ],
    [
      'an error in the middle that gives no status',
      { kind: 'error', text: '', error: 'my private words' },
      { code: 'model_unreachable', retryable: true },
    ],
    [
      'a web page',
      { kind: 'raw', writes: ['<html>my private words</html>'], contentType: 'text/html' },
      { code: 'model_refused', retryable: false },
    ],
  ];

  it.each(replies)('is told for %s, without the key and without what was said', async (_name, reply, expected) => {
    const { server, model } = await setUp();
    server.next(reply);
    const error = await failure(ask(model));
    expect(error).toMatchObject(expected);
    expect(shown(error)).not.toMatch(/very-secret|private words/);
  });

  it('is told when the server repeats the key in its refusal', async () => {
    const { server, model } = await setUp({ apiKey: 'another' });
    const error = await failure(ask(model));
    expect(error.code).toBe('model_unauthorized');
    expect(shown(error)).not.toContain('very-secret');
    expect(server.requests).toHaveLength(1);
  });

  it('is told when the server repeats what was said', async () => {
    const { model } = await setUp({ contextCharacters: 5 });
    const error = await failure(ask(model));
    expect(error).toMatchObject({ code: 'model_refused', promptTooLong: true });
    expect(shown(error)).not.toContain('private words');
  });

  it('is told when nothing listens there', async () => {
    const { server, model } = await setUp();
    await server.close();
    expect(await failure(ask(model))).toMatchObject({ code: 'model_unreachable', retryable: true });
  });

  it('is told when the server takes the question and never answers, and is not worth asking again', async () => {
    const { server, clock, model } = await setUp();
    server.next({ kind: 'silent' });
    const asked = failure(ask(model));
    await expect.poll(() => server.chats.length).toBe(1);
    await clock.advance(limits.firstByte - 1);
    let ended = false;
    void asked.then(() => (ended = true));
    await settle();
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(await asked).toMatchObject({ code: 'model_unreachable', retryable: false });
  });

  it('is told when the server falls silent in the middle, but not while it goes on', async () => {
    const { server, clock, model } = await setUp();
    server.next({ kind: 'text', text: 'one two three ', pieces: 3, betweenMs: 5 }, { kind: 'stall', text: 'first' });
    let slow = '';
    for await (const event of model.stream({
      messages: [{ role: 'user', text: 'x' }],
      signal: new AbortController().signal,
    })) {
      if (event.type !== 'text') continue;
      slow += event.text;
      await clock.advance(limits.idle - 1);
    }
    expect(slow).toBe('one two three ');

    const texts: string[] = [];
    const stalled = failure(
      (async () => {
        for await (const event of model.stream({
          messages: [{ role: 'user', text: 'x' }],
          signal: new AbortController().signal,
        }))
          if (event.type === 'text') texts.push(event.text);
      })(),
    );
    await expect.poll(() => texts).toEqual(['first']);
    await clock.advance(limits.idle);
    expect(await stalled).toMatchObject({ code: 'model_unreachable' });
  });

  it('is told when the answer goes on and on and comes to no end', async () => {
    const { server, clock, model } = await setUp();
    server.next({ kind: 'text', text: 'drip'.repeat(50), pieces: 200, betweenMs: 1 });
    const endless = failure(
      (async () => {
        for await (const event of model.stream({
          messages: [{ role: 'user', text: 'x' }],
          signal: new AbortController().signal,
        }))
          if (event.type === 'text') await clock.advance(limits.idle - 1);
      })(),
    );
    expect(await endless).toMatchObject({ code: 'model_unreachable', retryable: false });
  });

  it('is told when no connection comes about in time', async () => {
    const { clock, key } = await setUp();
    const http = createHttp(clock);
    cleanUps.push(() => http.close());
    // TEST-NET-1 (RFC 5737): nobody answers there, and where the machine has no network it fails at once, which is as good.
    const model = createOpenAiCompatible({
      http,
      clock,
      provider: 'x',
      baseUrl: 'http://192.0.2.1/v1',
      model: 'm',
      apiKey: key,
      limits,
    });
    const asked = failure(ask(model));
    await clock.advance(limits.connect);
    expect(await asked).toMatchObject({ code: 'model_unreachable', retryable: true });
  });
});
