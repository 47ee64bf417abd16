/**
 * Any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Groq, z.ai, Ollama, llama.cpp, LM Studio, vLLM.
 * One request an answer, streamed, no retry (models/retry.ts). Why this is ours and not a library's: decision 030.
 */
import * as z from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { LanguageModel, ModelEvent, ModelRequest, Usage } from '../../core/language-model.ts';
import type { Secret } from '../../core/settings.ts';
import type { Http, HttpAnswer, TimeLimits } from '../http.ts';
import { listModels } from '../list-models.ts';
import { ModelError, refusedBy } from '../model-error.ts';
import { readEvents } from '../read-events.ts';
import { readText } from '../read-text.ts';

export interface OpenAiCompatibleOptions {
  http: Http;
  clock: Clock;
  /** As OpenTelemetry names it. */
  provider: string;
  /** Without a slash at its end: `https://api.openai.com/v1`. */
  baseUrl: string;
  /** Null: the first chat model that the server lists, asked for when it is first needed. */
  model: string | null;
  apiKey: Secret | null;
  limits?: TimeLimits;
}

/** A model on a small machine may read a long prompt for minutes before its first word, and answer at a few words a second. */
const defaultLimits: TimeLimits = { connect: 10_000, firstByte: 300_000, idle: 120_000, whole: 3_600_000 };

export function createOpenAiCompatible(options: OpenAiCompatibleOptions): LanguageModel {
  const { http, clock, baseUrl, limits = defaultLimits } = options;
  const headers: Record<string, string> =
    options.apiKey === null ? {} : { authorization: `Bearer ${options.apiKey.reveal()}` };
  let model = options.model;
  // Some servers refuse a parameter that they do not know; then their answers come without a count of tokens.
  let asksForUsage = true;

  async function post(request: ModelRequest): Promise<HttpAnswer> {
    model ??= await firstModel(http, baseUrl, headers, request.signal);
    // Half of an emoji, where a text was cut, is no JSON to some servers.
    const messages = request.messages.map(({ role, text }) => ({ role, content: text.toWellFormed() }));
    const answer = await http.exchange({
      method: 'POST',
      url: `${baseUrl}/chat/completions`,
      headers: { accept: 'text/event-stream', ...headers },
      body: JSON.stringify({
        model,
        messages,
        stream: true,
        ...(asksForUsage ? { stream_options: { include_usage: true } } : {}),
      }),
      signal: request.signal,
      limits,
    });
    if (answer.status === 200) return answer;
    const body = await readText(answer.body);
    if (asksForUsage && (answer.status === 400 || answer.status === 422) && body.includes('stream_options')) {
      asksForUsage = false;
      return post(request);
    }
    throw refusedBy({ status: answer.status, headers: answer.headers, body, now: clock.now() });
  }

  return {
    provider: options.provider,
    get model() {
      return model;
    },
    async *stream(request) {
      const answer = await post(request);
      if (!/^text\/event-stream\b/i.test(answer.headers['content-type'] ?? '')) {
        await readText(answer.body);
        throw notAModel();
      }
      yield* readCompletion(answer.body, clock);
    },
  };
}

async function firstModel(http: Http, baseUrl: string, headers: Record<string, string>, signal: AbortSignal) {
  const [first] = await listModels(http, baseUrl, headers, signal);
  if (first === undefined)
    throw new ModelError('model_refused', 'The model server lists no model.', { hint: 'Set PRYX_MODEL.' });
  return first;
}

/** Counts are for the record: one that is none must not cost the answer. */
const tokens = z.int().nonnegative().nullable().catch(null);
const part = z.object({ type: z.string(), text: z.string().optional() });
const completionChunk = z.object({
  choices: z
    .array(
      z.object({
        // Text, or with some servers a list of parts. Reasoning comes in fields of its own, and is not shown.
        delta: z
          .object({ content: z.union([z.string(), z.array(part)]).nullish(), refusal: z.unknown().optional() })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(null),
  error: z.unknown().optional(),
});

async function* readCompletion(body: AsyncIterable<string>, clock: Clock): AsyncGenerator<ModelEvent, void, undefined> {
  let reason: string | null | undefined;
  let usage: Usage = { inputTokens: null, outputTokens: null };
  for await (const data of readEvents(body)) {
    if (data === '[DONE]') {
      reason ??= null;
      break;
    }
    const chunk = parseChunk(data);
    if (chunk.error != null) throw brokenOff(chunk.error, clock.now());
    if (chunk.usage != null)
      usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens };
    const choice = chunk.choices?.[0];
    const text =
      textOf(choice?.delta?.content) + (typeof choice?.delta?.refusal === 'string' ? choice.delta.refusal : '');
    if (text !== '') yield { type: 'text', text };
    reason = choice?.finish_reason ?? reason;
  }
  if (reason === undefined)
    throw new ModelError('model_unreachable', 'The answer of the model ended in the middle.', { retryable: true });
  yield { type: 'finish', reason: finishReasons.get(reason) ?? 'other', usage };
}

const finishReasons: ReadonlyMap<string | null, 'stop' | 'length' | 'filtered'> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content_filter', 'filtered'],
]);

type Content = NonNullable<NonNullable<z.infer<typeof completionChunk>['choices']>[number]['delta']>['content'];

function textOf(content: Content): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((piece) => (piece.type === 'text' ? (piece.text ?? '') : '')).join('');
}

function parseChunk(data: string): z.infer<typeof completionChunk> {
  try {
    return completionChunk.parse(JSON.parse(data));
  } catch {
    // No cause: what failed to parse may be the model's words.
    throw notAModel();
  }
}

/** An error that comes in place of a piece of the answer. OpenRouter and others give a status as its `code`. */
function brokenOff(error: unknown, now: number): ModelError {
  const body = JSON.stringify(error) ?? '';
  const status = Number((error as { code?: unknown }).code);
  return refusedBy({ status: status >= 400 && status < 600 ? status : 500, headers: {}, body, now });
}

const notAModel = (): ModelError =>
  new ModelError('model_refused', 'What answered does not speak the chat completions protocol.', {
    hint: 'Check PRYX_MODEL_BASE_URL, which mostly ends in /v1.',
  });
