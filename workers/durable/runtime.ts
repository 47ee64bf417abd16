/** The ports as the runtime has them. */
import type { Clock, Random, Sql } from './ports.ts';

export function createSql(storage: DurableObjectStorage): Sql {
  return {
    all: (statement, ...bindings) => storage.sql.exec<never>(statement, ...bindings).toArray(),
    transaction: (work) => storage.transactionSync(work),
  };
}

export const systemClock: Clock = { now: () => Date.now(), sleep: (ms) => scheduler.wait(ms) };

export const systemRandom: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
