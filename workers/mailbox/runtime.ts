/** The mailbox's own port as a Durable Object has it: the edge's keys at work. */
import { signJob } from '../../shared/wire/job.ts';
import type { Env } from '../environment.ts';
import { createKeyringLoader, markText } from '../keys/keyring.ts';
import { createBodySealer } from '../keys/seal-bodies.ts';
import type { Clock } from '../durable/ports.ts';
import type { Sealer } from './ports.ts';

export function createSealer(env: Env, clock: Clock): Sealer {
  const loadKeyring = createKeyringLoader();
  const bodies = createBodySealer(clock);
  return {
    seal: (sealingKey, body) => bodies.seal(sealingKey, body),
    async sign(claims) {
      const { signKey, kid } = await loadKeyring(env.PRYX_EDGE_KEYS);
      return signJob(signKey, kid, claims);
    },
    async signer() {
      const { kid, statements } = await loadKeyring(env.PRYX_EDGE_KEYS);
      return { kid, statements };
    },
    mark: async (label, text) => markText(await loadKeyring(env.PRYX_EDGE_KEYS), label, text),
  };
}
