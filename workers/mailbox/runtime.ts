/** The mailbox's ports as a Durable Object has them: its SQLite, and the edge's keys. */
import { signJob } from '../../shared/wire/job.ts';
import type { Env } from '../environment.ts';
import { createKeyringLoader, markText } from '../keys/keyring.ts';
import { createBodySealer } from '../keys/seal-bodies.ts';
import type { Clock, Sealer, Sql } from './ports.ts';

export function createSql(storage: DurableObjectStorage): Sql {
  return {
    all: (statement, ...bindings) => storage.sql.exec<never>(statement, ...bindings).toArray(),
    transaction: (work) => storage.transactionSync(work),
  };
}

export function createSealer(env: Env, clock: Clock): Sealer {
  const loadKeyring = createKeyringLoader();
  const bodies = createBodySealer(clock);
  return {
    seal: (sealingKey, body) => bodies.seal(sealingKey, body),
    async sign(claims) {
      const { signKey, kid } = await loadKeyring(env.PRYX_EDGE_KEYS);
      return signJob(signKey, kid, claims);
    },
    mark: async (label, text) => markText(await loadKeyring(env.PRYX_EDGE_KEYS), label, text),
  };
}
