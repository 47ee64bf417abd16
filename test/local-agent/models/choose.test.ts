import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { statusResponse } from '../../../shared/api/status.ts';
import { Secret, type Settings } from '../../../local-agent/core/settings.ts';
import { type ModelChoice, createModelChoice } from '../../../local-agent/models/choose.ts';
import { type ModelServerOptions, startModelServer } from '../../support/model/model-server.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function start(options: ModelServerOptions = {}) {
  const server = await startModelServer(options);
  cleanUps.push(() => server.close());
  return server;
}

function choose(settings: { model?: Partial<NonNullable<Settings['model']>>; localModels?: string[] }) {
  const clock = createVirtualClock();
  const log = createKeptLog();
  const choice = createModelChoice({
    settings: {
      model:
        settings.model === undefined ? null : { baseUrl: '', model: 'test-model', apiKey: null, ...settings.model },
      localModels: settings.localModels ?? [],
    },
    clock,
    random: { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 },
    log,
  });
  cleanUps.push(() => choice.stop());
  return { choice, clock, log };
}

async function ask(choice: ModelChoice, text = 'hi'): Promise<string> {
  const model = choice.choose();
  if (model === null) return 'offline';
  let answer = '';
  for await (const event of model.stream({ messages: [{ role: 'user', text }], signal: new AbortController().signal }))
    if (event.type === 'text') answer += event.text;
  return answer;
}

const stateOf = (choice: ModelChoice) => statusResponse.shape.model.parse(choice.status()).state;

/** A web server that has nothing to do with models, and answers everything. */
async function startWebServer(body: string | ((request: IncomingMessage) => string), status = 200): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : body(request));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** As OpenAI does: what was given as a key comes back. */
const repeatKey = ({ headers }: IncomingMessage): string =>
  JSON.stringify({ error: { message: `Incorrect API key: ${headers.authorization}` } });

describe('With a configured model', () => {
  it('that one answers, whatever runs on this machine', async () => {
    const [configured, local] = [
      await start({ apiKey: 'k' }),
      await start({ flavour: 'ollama', models: ['llama3.2'] }),
    ];
    const { choice } = choose({
      model: { baseUrl: configured.baseUrl, apiKey: new Secret('k') },
      localModels: [local.baseUrl],
    });
    choice.start();
    expect(await ask(choice)).toBe('You said: hi');
    expect(choice.status()).toEqual({
      provider: 'openai-compatible',
      model: 'test-model',
      state: 'ok',
      lastError: null,
    });
    expect(local.requests).toEqual([]);
  });

  it('a wrong key is told of before the first turn, and never shown', async () => {
    const { choice, log } = choose({
      model: { baseUrl: await startWebServer(repeatKey, 401), apiKey: new Secret('wrong-secret') },
    });
    choice.start();
    await expect.poll(() => stateOf(choice)).toBe('failing');
    expect(choice.status().lastError).toMatchObject({ code: 'model_unauthorized', hint: 'Check PRYX_MODEL_API_KEY.' });
    expect(log.lines).toHaveLength(1);
    expect(JSON.stringify([choice.status(), log.lines])).not.toContain('wrong-secret');
  });

  it('one that fails is failing until it answers again', async () => {
    const server = await start();
    const { choice, clock } = choose({ model: { baseUrl: server.baseUrl } });
    server.next({ kind: 'status', status: 403 });
    await expect(ask(choice)).rejects.toMatchObject({ code: 'model_unauthorized' });
    expect(choice.status()).toMatchObject({
      state: 'failing',
      lastError: { code: 'model_unauthorized', at: clock.now() },
    });
    expect(choice.choose()).not.toBeNull();
    await ask(choice);
    expect(choice.status()).toMatchObject({ state: 'ok', lastError: null });
  });

  it('a server that lists no models may still answer', async () => {
    const server = await start();
    const { choice } = choose({ model: { baseUrl: `${server.baseUrl}/nowhere` } });
    choice.start();
    await expect.poll(() => server.requests.length).toBe(1);
    expect(stateOf(choice)).toBe('ok');
  });

  it('a turn that was stopped says nothing of the model', async () => {
    const server = await start();
    const { choice } = choose({ model: { baseUrl: server.baseUrl } });
    const stop = new AbortController();
    const held = server.hold({ before: 'a', after: 'b' });
    const asked = (async () => {
      for await (const _ of choice.choose()?.stream({ messages: [{ role: 'user', text: 'x' }], signal: stop.signal }) ??
        []);
    })();
    asked.catch(() => undefined);
    await held.arrived;
    stop.abort();
    await expect(asked).rejects.toBe(stop.signal.reason);
    expect(stateOf(choice)).toBe('ok');
  });

  it('it is tried again when it may help', async () => {
    const server = await start();
    server.next({ kind: 'reset' }, { kind: 'status', status: 500 });
    const { choice, clock } = choose({ model: { baseUrl: server.baseUrl } });
    const asked = ask(choice);
    await expect.poll(() => clock.advance(1000).then(() => server.chats.length)).toBe(3);
    expect(await asked).toBe('You said: hi');
  });
});

describe('Without a configured model', () => {
  it.each([
    [
      'Ollama',
      'ollama',
      ['nomic-embed-text:latest', 'gpt-oss:120b@cloud', 'bge@bert', 'llama3.2:latest'],
      'ollama',
      'llama3.2:latest',
    ],
    ['llama.cpp', 'llama.cpp', ['qwen.gguf'], 'llama.cpp', 'qwen.gguf'],
    ['vLLM', 'vllm', ['Qwen/Qwen3'], 'vllm', 'Qwen/Qwen3'],
    ['LM Studio and the like', 'openai', ['text-embedding-nomic', 'gemma'], 'openai-compatible', 'gemma'],
  ] as const)('%s on this machine is found by itself', async (_name, flavour, models, provider, model) => {
    const server = await start({ flavour, models });
    const { choice } = choose({ localModels: ['http://127.0.0.1:9/v1', server.baseUrl] });
    expect(await ask(choice)).toBe('offline');
    choice.start();
    await expect.poll(() => choice.status()).toEqual({ provider, model, state: 'ok', lastError: null });
    expect(await ask(choice)).toBe('You said: hi');
  });

  it.each([
    ['a page for everything', '<html>Hello</html>'],
    ['JSON for everything', '{"status":"ok"}'],
    ['a list of something else', '{"data":[{"id":"1"}]}'],
    ['an empty list', '{"data":[]}'],
    ['tags of something else', '{"models":[{"name":"x"}]}'],
  ])('a web server with %s is not taken for a model', async (_name, body) => {
    const web = await startWebServer(body);
    const { choice, clock } = choose({ localModels: [web] });
    choice.start();
    await clock.advance(31_000);
    expect(choice.choose()).toBeNull();
    expect(choice.status()).toEqual({ provider: 'offline', model: null, state: 'offline', lastError: null });
  });

  it('a server with an odd name for its owner is used like any other', async () => {
    const list = { object: 'list', data: [{ id: 'm', object: 'model', owned_by: 'constructor' }] };
    const { choice } = choose({ localModels: [await startWebServer(JSON.stringify(list))] });
    choice.start();
    await expect.poll(() => choice.status().provider).toBe('openai-compatible');
  });

  it('a server without a model is told of', async () => {
    const server = await start({ flavour: 'ollama', models: [] });
    const { choice } = choose({ localModels: [server.baseUrl] });
    choice.start();
    await expect.poll(() => choice.status().lastError?.hint).toBe('With Ollama: ollama pull llama3.2');
    expect(stateOf(choice)).toBe('offline');
  });

  it('the search goes on, ever less often, but every five minutes at least', async () => {
    const server = await start({ flavour: 'ollama', models: [] });
    const { choice, clock } = choose({ localModels: [server.baseUrl] });
    choice.start();
    const looked = () => expect.poll(() => choice.status().lastError?.at).toBe(clock.now());
    await looked();
    for (const [index, pause] of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000].entries()) {
      await clock.advance(pause - 1);
      expect(server.requests).toHaveLength(index + 1);
      await clock.advance(1);
      await looked();
    }
  });

  it('one that is started later is found', async () => {
    const server = await start();
    await server.close();
    const { choice, clock } = choose({ localModels: [server.baseUrl] });
    choice.start();
    await clock.advance(20_000);
    await start({ port: server.port, flavour: 'llama.cpp', models: ['late'] });
    await expect.poll(() => clock.advance(5000).then(() => choice.status().model)).toBe('late');
  });

  it('one that was found and is gone makes place for the offline assistant, until one is found again', async () => {
    const server = await start({ flavour: 'ollama', models: ['llama3.2'] });
    const { choice, clock } = choose({ localModels: [server.baseUrl] });
    choice.start();
    await expect.poll(() => choice.choose()).not.toBeNull();
    await server.close();
    const asked = ask(choice).catch((error: unknown) => error);
    await clock.advance(20_000);
    expect(await asked).toMatchObject({ code: 'model_unreachable' });
    expect(choice.choose()).toBeNull();
    expect(choice.status()).toMatchObject({ state: 'offline', lastError: { code: 'model_unreachable' } });
    await start({ port: server.port, flavour: 'ollama', models: ['llama3.2'] });
    await expect.poll(() => clock.advance(10_000).then(() => choice.status().state)).toBe('ok');
  });

  it('nothing is looked for when that is switched off', async () => {
    const { choice, clock } = choose({ localModels: [] });
    choice.start();
    await clock.advance(600_000);
    expect(choice.choose()).toBeNull();
  });
});
