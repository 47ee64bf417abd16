/** Opens the local API. Before there is a house: whoever asks hears "starting", and a taken port is known before anything else begins. */
import type { StatusResponse } from '../../shared/api/status.ts';
import { PryxError } from '../../shared/error.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { describeSettings } from '../core/describe-settings.ts';
import type { Settings } from '../core/settings.ts';
import { type App, createApp } from '../http/app.ts';
import { type Listener, listenOnPort, listenOnSocket } from '../http/listen.ts';
import type { OpenDatabase } from '../store/database.ts';
import { findPackage } from '../store/package-root.ts';
import { createDatabaseCheck, readHealth } from './health.ts';
import type { Home } from './home.ts';
import type { House } from './house.ts';
import type { PairingDesk } from './pairing-desk.ts';
import { readStatus } from './status.ts';

/** What changes while the daemon lives. */
export interface Life {
  state: 'starting' | 'ready' | 'stopping';
  house: () => House | undefined;
  pairing: PairingDesk;
  port: number | null;
}

export interface DoorsDeps {
  settings: Settings;
  home: Home;
  clock: Clock;
  log: Log;
  startedAt: number;
  stop: () => void;
}

/** Sets `life.port`. Throws `port_in_use`. */
export async function openDoors(deps: DoorsDeps, life: Life, database: OpenDatabase): Promise<Listener[]> {
  const { clock, log } = deps;
  const checkDatabase = createDatabaseCheck({ db: database.db, clock, replaced: database.setAside !== null });
  const state = (): StatusResponse['daemon']['state'] =>
    life.state === 'ready' && (life.house() === undefined || checkDatabase().status === 'failed')
      ? 'degraded'
      : life.state;
  const { version } = findPackage();
  const appFor = (surface: 'tcp' | 'socket'): App =>
    createApp({
      surface,
      log,
      health: (question) => readHealth(question, { state: state(), database: checkDatabase(), house: life.house() }),
      status: (options) =>
        readStatus({ ...deps, port: life.port, house: life.house(), version, database, state: state() }, options),
      trace: (jobId) => life.house()?.trace(jobId) ?? { job: jobId, state: 'unknown', hops: [] },
      claimUrl: () => life.house()?.claimUrl() ?? null,
      pairing: life.pairing,
      devices: () => houseOf(life).devices,
      conversations: () => houseOf(life).conversations,
      settings: () => ({ variables: describeSettings(deps.settings) }),
      stop: deps.stop,
    });
  const tcp = await listenOnPort(appFor('tcp'), deps.settings.port);
  life.port = tcp.port;
  try {
    return [tcp, await listenOnSocket(appFor('socket'), deps.home.socket)];
  } catch (error) {
    await tcp.close();
    throw error;
  }
}

function houseOf(life: Life): House {
  const house = life.house();
  if (house === undefined)
    throw new PryxError('unavailable', 'Pryx is just starting.', { hint: 'Try again in a moment.' });
  return house;
}
