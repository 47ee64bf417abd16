/** What goes wrong with a model server, and whether trying again may help. Never holds the server's words: they may echo the key or the prompt. */
import { type ErrorCode, PryxError } from '../../shared/error.ts';

type ModelErrorCode = Extract<ErrorCode, `model_${string}`>;

interface Options {
  hint?: string;
  cause?: unknown;
  /** Nothing is known to have been answered, and the same request may succeed in a moment. */
  retryable?: boolean;
  /** How long the server asks to be left alone, in milliseconds. */
  retryAfterMs?: number;
  /** The prompt is longer than this model reads: a shorter one may do. */
  promptTooLong?: boolean;
}

export class ModelError extends PryxError {
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly promptTooLong: boolean;

  constructor(code: ModelErrorCode, message: string, options: Options = {}) {
    super(code, message, options);
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.promptTooLong = options.promptTooLong ?? false;
  }
}

export interface Refusal {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The error for an answer that is not a success. The body is looked at, never passed on. */
export function refusedBy({ status, headers, body, now }: Refusal): ModelError {
  const said = `The model server answered ${status}.`;
  if (status === 401 || status === 403)
    return new ModelError('model_unauthorized', said, { hint: 'Check PRYX_MODEL_API_KEY.' });
  if (status === 402 || (status === 429 && body.includes('insufficient_quota')))
    return new ModelError('model_refused', said, { hint: "The model's account has no credit left." });
  if (status === 429) {
    return new ModelError('model_rate_limited', said, { retryable: true, ...retryAfter(headers, now) });
  }
  if (status === 408 || status === 425 || status >= 500) {
    return new ModelError('model_unreachable', said, { retryable: true, ...retryAfter(headers, now) });
  }
  // OpenAI: `context_length_exceeded`; llama.cpp: `exceed_context_size_error`; vLLM: "maximum context length".
  if ((status === 400 || status === 413 || status === 422) && /context[ _-](?:length|size|window)/i.test(body)) {
    return new ModelError('model_refused', said, {
      hint: 'The conversation is longer than this model can read.',
      promptTooLong: true,
    });
  }
  if (status === 404 || (status >= 300 && status < 400)) {
    return new ModelError('model_refused', said, {
      hint: 'Check PRYX_MODEL, and PRYX_MODEL_BASE_URL, which mostly ends in /v1.',
    });
  }
  return new ModelError('model_refused', said);
}

/** `Retry-After` (RFC 9110 section 10.2.3: seconds or a date), or the `retry-after-ms` that OpenAI and Azure add. */
function retryAfter(headers: Refusal['headers'], now: number): { retryAfterMs?: number } {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (exact >= 0) return { retryAfterMs: exact };
  const given = headers['retry-after'];
  if (typeof given !== 'string') return {};
  const ms = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - now;
  return Number.isNaN(ms) ? {} : { retryAfterMs: Math.max(0, ms) };
}
