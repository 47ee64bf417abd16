/** The device's own line to an edge, as the daemon joins it, over a database in memory; what it makes durable is a list of texts. */
import { eq } from 'drizzle-orm';
import { createSystemClock, systemRandom } from '../../../local-agent/daemon/system.ts';
import { requestEdge } from '../../../local-agent/edge-link/request.ts';
import { openWebSocket } from '../../../local-agent/edge-link/ws-socket.ts';
import { joinEdge } from '../../../local-agent/join-edge.ts';
import { readEdge } from '../../../local-agent/store/device-keys.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { edge } from '../../../local-agent/store/tables/identity.ts';
import { thumbprint } from '../../../shared/wire/signature.ts';
import { memoryDb } from '../../support/memory-db.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { hookSecret, sha256 } from './device.ts';
import type { textUpdate } from './edge.ts';
import { pairDatabase } from './pair-database.ts';
import type { Approver } from './pair-device.ts';

export type LiveDevice = Awaited<ReturnType<typeof createLiveDevice>>;

/** Paired, and its line not started yet. */
export async function createLiveDevice(origin: string, owner: Approver) {
  const db = memoryDb();
  const log = createKeptLog();
  const texts: string[] = [];
  let link: Awaited<ReturnType<typeof join>> | undefined;
  let reloads = 0;
  const id = await pairDatabase(db, origin, owner);

  const join = () =>
    joinEdge({
      db,
      log,
      clock: createSystemClock(),
      random: systemRandom,
      openSocket: openWebSocket,
      request: requestEdge,
      origin,
      reload: () => void (reloads += 1),
      accept(jobs) {
        for (const { body } of jobs)
          texts.push((JSON.parse(Buffer.from(body).toString()) as ReturnType<typeof textUpdate>).message.text);
        const have = jobs.at(-1)?.seq ?? undefined;
        if (have !== undefined) db.update(edge).set({ have }).where(eq(edge.origin, origin)).run();
        return { have: readEdge(db, origin)?.have ?? 0, refused: [] };
      },
    });

  return {
    id,
    db,
    texts,
    reloads: () => reloads,
    state: () => link?.state(),
    /** The address of a bot's hook. */
    hook: async (): Promise<string> =>
      (await join()).registerHook({ bot: '123456', secretSha256: sha256(hookSecret), answeredUsers: [] }),
    /** A daemon that begins anew knows what the database says, and nothing else. */
    async start(): Promise<void> {
      link = await join();
      link.start();
    },
    stop: async (): Promise<void> => link?.stop(),
    /** Names of the keys that it takes jobs by. */
    pinned: async (): Promise<string[]> => Promise.all((readEdge(db, origin)?.pinnedKeys ?? []).map(thumbprint)),
    audited: () =>
      db
        .select()
        .from(audit)
        .all()
        .map(({ event, detail }) => ({ event, ...detail })),
  };
}
