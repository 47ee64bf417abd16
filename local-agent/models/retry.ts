/** Tries a model again when that may help: a few times, further and further apart, and only while nothing of the answer is known. */
import type { Clock } from '../core/clock.ts';
import type { LanguageModel } from '../core/language-model.ts';
import type { Random } from '../core/random.ts';
import { ModelError } from './model-error.ts';

const maxRetries = 3;
const firstWaitMs = 500;
/** A server that wants to be left alone for longer is told of at once: the user would not wait for it in silence. */
const longestWaitMs = 30_000;

export function retrying(model: LanguageModel, { clock, random }: { clock: Clock; random: Random }): LanguageModel {
  return {
    provider: model.provider,
    get model() {
      return model.model;
    },
    async *stream(request) {
      for (let retries = 0; ; retries++) {
        let begun = false;
        try {
          for await (const event of model.stream(request)) {
            begun = true;
            yield event;
          }
          return;
        } catch (error) {
          const wait = begun || retries === maxRetries ? undefined : waitAfter(error, retries, random);
          if (wait === undefined) throw error;
          await clock.sleep(wait, request.signal);
        }
      }
    },
  };
}

function waitAfter(error: unknown, retries: number, random: Random): number | undefined {
  if (!(error instanceof ModelError) || !error.retryable) return undefined;
  const wait = firstWaitMs * 2 ** retries * (0.5 + random.fraction());
  const asked = error.retryAfterMs;
  if (asked === undefined) return wait;
  // A little later than asked, and not all at the same moment.
  return asked > longestWaitMs ? undefined : asked + wait * 0.2;
}
