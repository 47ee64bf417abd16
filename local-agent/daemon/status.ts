/** Puts together what `pryx status` shows. */
import { statSync } from 'node:fs';
import type { StatusResponse } from '../../shared/api/status.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Settings } from '../core/settings.ts';
import type { OpenDatabase } from '../store/database.ts';
import { countQueues } from '../store/queue-counts.ts';
import type { Home } from './home.ts';
import type { House } from './house.ts';

export interface StatusDeps {
  version: string;
  settings: Pick<Settings, 'edge'>;
  home: Home;
  database: Pick<OpenDatabase, 'db' | 'version' | 'setAside'>;
  clock: Clock;
  log: Log;
  startedAt: number;
  state: StatusResponse['daemon']['state'];
  port: number | null;
  house: House | undefined;
}

/** How long the edge may take to tell of its mailbox, milliseconds. */
const mailboxMs = 3000;

export async function readStatus(deps: StatusDeps, options: { mailbox: boolean }): Promise<StatusResponse> {
  const { settings, home, database, house } = deps;
  return {
    version: deps.version,
    daemon: {
      pid: process.pid,
      state: deps.state,
      startedAt: deps.startedAt,
      rssBytes: process.memoryUsage.rss(),
      home: home.folder,
      port: deps.port,
    },
    database: {
      state: database.setAside === null ? 'ok' : 'replaced',
      version: database.version,
      bytes: sizeOf(home.database) + sizeOf(`${home.database}-wal`),
      setAside: database.setAside,
    },
    link: {
      ...(house?.link() ?? { state: 'off', lastError: null }),
      edge: house?.edge() ?? settings.edge?.origin ?? null,
      deviceId: house?.deviceId() ?? null,
      mailbox: options.mailbox && house !== undefined ? await askMailbox(house, deps) : null,
    },
    channels: house?.channels() ?? [],
    model: house?.model() ?? { provider: 'offline', model: null, state: 'offline', lastError: null },
    queue: countQueues(database.db),
  };
}

async function askMailbox(house: House, { clock, log }: StatusDeps): Promise<StatusResponse['link']['mailbox']> {
  const answered = new AbortController();
  try {
    return await Promise.race([house.mailbox(), clock.sleep(mailboxMs, answered.signal).then(() => null)]);
  } catch (error) {
    log.error('status.mailbox_unknown', error);
    return null;
  } finally {
    answered.abort();
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
