/** The mailbox's ports as a Durable Object has them: its SQLite, its one alarm, and the edge's keys. */
import { signJob } from '../../shared/wire/job.ts';
import type { Env } from '../environment.ts';
import { createKeyringLoader, markText } from '../keys/keyring.ts';
import { createBodySealer } from '../keys/seal-bodies.ts';
import type { Alarm, Clock, Sealer, Sql } from './ports.ts';

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

/** An object has one alarm: it is only ever moved to an earlier time. */
export function createAlarm(ctx: DurableObjectState, clock: Clock): Alarm {
  let earliest: number | null = null;
  async function moveUp(at: number): Promise<void> {
    const set = await ctx.storage.getAlarm();
    if (set === null || set > at) await ctx.storage.setAlarm(at);
  }
  return {
    ensure(at) {
      if (earliest !== null && earliest <= at && earliest > clock.now()) return;
      earliest = at;
      ctx.waitUntil(moveUp(at));
    },
  };
}
