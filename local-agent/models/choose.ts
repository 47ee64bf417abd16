/** Which model answers: the configured one, else one that runs on this machine, else none, and then the offline assistant does. */
import type * as z from 'zod';
import type { statusResponse } from '../../shared/api/status.ts';
import { PryxError, toPryxError } from '../../shared/error.ts';
import type { Clock } from '../core/clock.ts';
import type { LanguageModel } from '../core/language-model.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Settings } from '../core/settings.ts';
import { type FoundModel, findLocalModel } from './find-local.ts';
import { createHttp } from './http.ts';
import { listModels } from './list-models.ts';
import { createOpenAiCompatible } from './providers/openai-compatible.ts';
import { providerName } from './provider-name.ts';
import { retrying } from './retry.ts';

export type ModelStatus = z.infer<typeof statusResponse>['model'];

export interface ModelChoice {
  /** The model for the next turn; null means that the offline assistant answers (decision 031). Never waits. */
  choose(): LanguageModel | null;
  status(): ModelStatus;
  /** Begins to look for a model, or checks the configured one, in the background. Returns at once. */
  start(): void;
  stop(): void;
}

export interface ModelChoiceDeps {
  settings: Pick<Settings, 'model' | 'localModels'>;
  clock: Clock;
  random: Random;
  log: Log;
}

export function createModelChoice({ settings, clock, random, log }: ModelChoiceDeps): ModelChoice {
  const http = createHttp(clock);
  const stopped = new AbortController();
  const configured = settings.model;
  let lastError: ModelStatus['lastError'] = null;
  let current: LanguageModel | null = null;
  if (configured !== null) {
    const provider = providerName(configured.baseUrl);
    const model = createOpenAiCompatible({ http, clock, ...configured, provider });
    current = watched(retrying(model, { clock, random }), succeeded, failed);
  }

  function succeeded(): void {
    lastError = null;
  }

  function failed(error: unknown): void {
    const { code, message, hint } = toPryxError(error);
    lastError = { code, message, at: clock.now(), ...(hint === undefined ? {} : { hint }) };
  }

  function search(): void {
    const deps = { http, clock, random, log, baseUrls: settings.localModels, signal: stopped.signal };
    findLocalModel(deps, (emptyServer) => {
      if (emptyServer !== undefined) lastError = emptyServerError(emptyServer, clock.now());
    }).then(use, (error: unknown) => {
      if (!stopped.signal.aborted) log.error('model.search_failed', error);
    });
  }

  /** A model that was only found may be gone again: then the search goes on. */
  function use({ provider, baseUrl, model }: FoundModel): void {
    const found = createOpenAiCompatible({ http, clock, provider, baseUrl, model, apiKey: null });
    const mine = watched(retrying(found, { clock, random }), succeeded, (error) => {
      failed(error);
      if (current !== mine || toPryxError(error).code !== 'model_unreachable') return;
      current = null;
      search();
    });
    current = mine;
    lastError = null;
  }

  /** Tells of a wrong key or address before the first turn runs into it. A server that lists no models may well answer. */
  async function check({ baseUrl, apiKey }: NonNullable<typeof configured>): Promise<void> {
    const headers: Record<string, string> = apiKey === null ? {} : { authorization: `Bearer ${apiKey.reveal()}` };
    try {
      await listModels(http, baseUrl, headers, stopped.signal);
    } catch (error) {
      const told =
        error instanceof PryxError && (error.code === 'model_unauthorized' || error.code === 'model_unreachable');
      if (!told || stopped.signal.aborted) return;
      failed(error);
      log.warn('model.check_failed', { code: error.code });
    }
  }

  return {
    choose: () => current,
    status() {
      if (current === null) return { provider: 'offline', model: null, state: 'offline', lastError };
      const state = lastError === null ? 'ok' : 'failing';
      return { provider: current.provider, model: current.model, state, lastError };
    },
    start() {
      if (configured !== null) void check(configured);
      else if (settings.localModels.length > 0) search();
    },
    stop() {
      stopped.abort();
      http.close();
    },
  };
}

/** The same model, with somebody told how each answer went; one that was not waited for tells nothing. */
function watched(model: LanguageModel, succeeded: () => void, failed: (error: unknown) => void): LanguageModel {
  return {
    provider: model.provider,
    get model() {
      return model.model;
    },
    async *stream(request) {
      try {
        yield* model.stream(request);
        succeeded();
      } catch (error) {
        if (!request.signal.aborted) failed(error);
        throw error;
      }
    },
  };
}

const emptyServerError = (baseUrl: string, at: number): ModelStatus['lastError'] => ({
  code: 'model_refused',
  message: `The model server at ${baseUrl} has no chat model yet.`,
  hint: 'With Ollama: ollama pull llama3.2',
  at,
});
