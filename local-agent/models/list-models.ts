/** Which chat models a server offers. The shape of the answer is checked: what answers on a local port may be anything. */
import * as z from 'zod';
import type { Http, TimeLimits } from './http.ts';
import { ModelError, refusedBy } from './model-error.ts';
import { readText } from './read-text.ts';

/** `GET /models` of OpenAI, llama.cpp, LM Studio, vLLM and the rest. */
const modelList = z.object({
  object: z.literal('list'),
  data: z.array(z.object({ id: z.string().min(1), object: z.literal('model'), owned_by: z.string().optional() })),
});

/**
 * `GET /api/tags` of Ollama: the model that was changed last comes first. llama.cpp answers the same path, with names and without digests.
 * What Ollama only passes on to its cloud (`remote_host`) is no local model: nobody has agreed that words leave the machine.
 */
const tagList = z.object({
  models: z.array(
    z.object({
      name: z.string().min(1),
      digest: z.string().min(1),
      details: z.object({ family: z.string().nullish() }).nullish(),
      remote_host: z.string().nullish(),
    }),
  ),
});

const limits: TimeLimits = { connect: 3000, firstByte: 5000, idle: 3000, whole: 10_000 };

/** Throws as a model does; `model_refused` when the answer is not a list of models. */
export async function listModels(
  http: Http,
  baseUrl: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<string[]> {
  const list = modelList.safeParse(await getJson(http, `${baseUrl}/models`, headers, signal));
  if (!list.success) throw notAList();
  return list.data.data.map(({ id }) => id).filter(canChat);
}

export interface LocalServer {
  provider: string;
  /** Chat models, possibly none. */
  models: string[];
}

/** What listens at a local base URL, if that is a model server. Throws for anything else. */
export async function inspectLocalServer(http: Http, baseUrl: string, signal: AbortSignal): Promise<LocalServer> {
  const tags = await getJson(http, `${baseUrl.replace(/\/v1$/, '')}/api/tags`, {}, signal).then(
    (json) => tagList.safeParse(json).data,
    (error: unknown) => {
      if (error instanceof ModelError && error.code === 'model_refused') return undefined;
      throw error;
    },
  );
  if (tags !== undefined) {
    const models = tags.models.filter(
      ({ name, details, remote_host: elsewhere }) =>
        canChat(name) && !elsewhere && !/[:-]cloud$/.test(name) && !/bert/i.test(details?.family ?? ''),
    );
    return { provider: 'ollama', models: models.map(({ name }) => name) };
  }
  const list = modelList.safeParse(await getJson(http, `${baseUrl}/models`, {}, signal));
  if (!list.success) throw notAList();
  const owner = list.data.data[0]?.owned_by ?? '';
  return {
    provider: owners.get(owner) ?? 'openai-compatible',
    models: list.data.data.map(({ id }) => id).filter(canChat),
  };
}

const owners: ReadonlyMap<string, string> = new Map([
  ['llamacpp', 'llama.cpp'],
  ['vllm', 'vllm'],
  ['library', 'ollama'],
]);

/** Servers list models of other kinds beside those that talk, and do not say which is which. */
const canChat = (id: string): boolean => !/embed|rerank|whisper|(?:^|[-_/])tts|dall-e|moderation/i.test(id);

async function getJson(
  http: Http,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await http.exchange({ method: 'GET', url, headers, signal, limits });
  const body = await readText(answer.body);
  if (answer.status !== 200) throw refusedBy({ status: answer.status, headers: answer.headers, body: '', now: 0 });
  try {
    return JSON.parse(body);
  } catch {
    throw notAList();
  }
}

const notAList = (): ModelError =>
  new ModelError('model_refused', 'What answered did not list models.', {
    hint: 'Check PRYX_MODEL_BASE_URL, which mostly ends in /v1.',
  });
