/** A language model that says what a test wrote down, counts how often it is asked, and keeps what it was asked. */
import type { ChatMessage, LanguageModel, ModelEvent } from '../../../local-agent/core/language-model.ts';

export interface Pause {
  /** Resolves when the model has come this far. */
  readonly reached: Promise<void>;
  release(): void;
}

export type Line = string | Error | Pause | Extract<ModelEvent, { type: 'finish' }>;

export interface ScriptedModel extends LanguageModel {
  /** The prompts so far: one a call. */
  readonly prompts: (readonly ChatMessage[])[];
  /** One call's script. A call without one is answered `ok`. */
  script(...lines: Line[]): void;
}

export function createPause(): Pause & { reach(): Promise<void> } {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    release: released.resolve,
    reach() {
      reached.resolve();
      return released.promise;
    },
  };
}

export function createScriptedModel(): ScriptedModel {
  const scripts: Line[][] = [];
  const prompts: (readonly ChatMessage[])[] = [];
  return {
    provider: 'scripted',
    model: 'scripted-1',
    prompts,
    script: (...lines) => void scripts.push(lines),
    async *stream({ messages, signal }) {
      signal.throwIfAborted();
      prompts.push(messages);
      for (const line of scripts.shift() ?? ['ok']) {
        if (line instanceof Error) throw line;
        if (typeof line === 'string') yield { type: 'text', text: line };
        else if ('type' in line) return yield line;
        else await orAborted((line as ReturnType<typeof createPause>).reach(), signal);
      }
      yield { type: 'finish', reason: 'stop', usage: { inputTokens: 7, outputTokens: 3 } };
    },
  };
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}
