/** grammY's client of the Bot API, with a time limit on each call and answers as values: nothing that Telegram does is thrown. */
import { Api, GrammyError, HttpError } from 'grammy/web';
import type { Clock } from '../../../core/clock.ts';
import { type Transport, TransportError } from './transport.ts';

/** Why a call came to nothing. */
export type Failure =
  /** Telegram answered and refused (`error_code`, `description`, `parameters`). */
  | { kind: 'refused'; code: number; description: string; retryAfterSeconds?: number; migrateToChat?: number }
  /** No answer of the Bot API. `left`: the request may have reached it. `status`: what an intermediary answered instead. */
  | { kind: 'unanswered'; left: boolean; message: string; status?: number };

export type Answer<T> = { ok: true; result: T } | { ok: false; failure: Failure };

type Raw = Api['raw'];
export type Method = keyof Raw & string;
export type Parameters<M extends Method> = M extends 'getMe' | 'getWebhookInfo'
  ? Record<string, never>
  : Exclude<globalThis.Parameters<Raw[M]>[0], AbortSignal | undefined>;
export type Result<M extends Method> = Awaited<ReturnType<Raw[M]>>;

export interface CallOptions {
  signal: AbortSignal;
  /** Default: 30 s. */
  timeoutMs?: number;
}

export interface TelegramApi {
  /** Never rejects. */
  call<M extends Method>(
    method: M,
    parameters: Record<string, unknown>,
    options: CallOptions,
  ): Promise<Answer<Result<M>>>;
}

export interface ApiDeps {
  token: string;
  apiRoot: string;
  transport: Transport;
  clock: Clock;
}

const defaultTimeoutMs = 30_000;

export function createApi({ token, apiRoot, transport, clock }: ApiDeps): TelegramApi {
  const { raw } = new Api(token, {
    apiRoot,
    fetch: transport.fetch,
  });

  return {
    async call(method, parameters, { signal, timeoutMs = defaultTimeoutMs }) {
      const ended = new AbortController();
      const done = new AbortController();
      const stop = (): void => ended.abort();
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      clock.sleep(timeoutMs, done.signal).then(stop, () => undefined);
      try {
        const result = await invoke(raw, method, parameters, ended.signal);
        return { ok: true, result: result as Result<typeof method> };
      } catch (error) {
        return { ok: false, failure: hideToken(failureOf(error), token) };
      } finally {
        done.abort();
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

/** Methods without parameters take the signal first. */
function invoke(raw: Raw, method: Method, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
  const call = raw[method] as (...args: unknown[]) => Promise<unknown>;
  return Object.keys(parameters).length === 0 && parameterless.has(method) ? call(signal) : call(parameters, signal);
}

const parameterless: ReadonlySet<Method> = new Set<Method>(['getMe', 'getWebhookInfo']);

function failureOf(error: unknown): Failure {
  if (error instanceof GrammyError) {
    const { retry_after, migrate_to_chat_id } = error.parameters;
    return {
      kind: 'refused',
      code: error.error_code,
      description: withoutQuotes(error.description),
      ...(retry_after === undefined ? {} : { retryAfterSeconds: retry_after }),
      ...(migrate_to_chat_id === undefined ? {} : { migrateToChat: migrate_to_chat_id }),
    };
  }
  const cause = error instanceof HttpError ? error.error : error;
  if (cause instanceof TransportError)
    return {
      kind: 'unanswered',
      left: cause.left,
      message: cause.message,
      ...(cause.status === undefined ? {} : { status: cause.status }),
    };
  // Nobody foresaw it, so nothing is known of where the request is.
  return { kind: 'unanswered', left: true, message: 'an unforeseen error' };
}

/** Telegram quotes what it did not like: words of a message, which are for no log. */
const withoutQuotes = (description: string): string =>
  description.replaceAll(/"[^"]*"|'[^']*'(?!\w)/g, '“…”').slice(0, 200);

/** No message that is made here holds the token; this holds should one ever do. */
function hideToken(failure: Failure, token: string): Failure {
  const hide = (text: string): string => text.replaceAll(token, '[token]');
  return failure.kind === 'refused'
    ? { ...failure, description: hide(failure.description) }
    : { ...failure, message: hide(failure.message) };
}
