/** Looks for a model server on this machine, in the background and ever less often, until one is found. */
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Http } from './http.ts';
import { inspectLocalServer } from './list-models.ts';

export interface FoundModel {
  provider: string;
  baseUrl: string;
  model: string;
}

/** A server without a model is worth telling of: its owner is one step away. */
export type LocalSearch = { found: FoundModel } | { found: undefined; emptyServer: string | undefined };

const firstPauseMs = 30_000;
const longestPauseMs = 5 * 60_000;

export interface FindLocalDeps {
  http: Http;
  clock: Clock;
  random: Random;
  log: Log;
  baseUrls: readonly string[];
  signal: AbortSignal;
}

/** Resolves with the first model found. `looked` hears of each search that found none. Rejects only when the signal aborts. */
export async function findLocalModel(deps: FindLocalDeps, looked: (emptyServer: string | undefined) => void) {
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const search = await searchOnce(deps.http, deps.baseUrls, deps.signal);
    deps.signal.throwIfAborted();
    if (search.found !== undefined) {
      deps.log.info('model.found', { provider: search.found.provider, model: search.found.model });
      return search.found;
    }
    looked(search.emptyServer);
    await deps.clock.sleep(pause * (0.9 + 0.2 * deps.random.fraction()), deps.signal);
  }
}

/** All addresses at once; the first one in the list that has a model wins. What is no model server is passed over. */
async function searchOnce(http: Http, baseUrls: readonly string[], signal: AbortSignal): Promise<LocalSearch> {
  const servers = await Promise.all(
    baseUrls.map(async (baseUrl) => {
      try {
        return { baseUrl, ...(await inspectLocalServer(http, baseUrl, signal)) };
      } catch {
        return undefined;
      }
    }),
  );
  for (const server of servers) {
    const model = server?.models[0];
    if (server !== undefined && model !== undefined)
      return { found: { provider: server.provider, baseUrl: server.baseUrl, model } };
  }
  return { found: undefined, emptyServer: servers.find((server) => server !== undefined)?.baseUrl };
}
