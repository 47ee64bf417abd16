/**
 * The life of the daemon: home, lock, log, database, doors, house; then it waits for a reason to stop and closes them the other way round.
 * A database that turns out to be damaged while it is in use ends the house, not the daemon: it is set aside and all is opened anew.
 */
import { PryxError } from '../../shared/error.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Settings } from '../core/settings.ts';
import { isDamage } from '../store/damage.ts';
import { type Db, openDatabase } from '../store/database.ts';
import { createSweeper } from '../store/sweep.ts';
import { createLogFile } from '../telemetry/log-file.ts';
import { createLog } from '../telemetry/log.ts';
import { type Home, prepareHome } from './home.ts';
import type { House } from './house.ts';
import { createHouseKeeper } from './keep-house.ts';
import { takeLock } from './lock.ts';
import { type Life, openDoors } from './open-doors.ts';
import { type StartPairing, createPairingDesk } from './pairing-desk.ts';
import { type Closing, type Shutdown, type StopReason, closeAll, watchShutdown } from './shutdown.ts';
import { createSystemClock, systemRandom } from './system.ts';

export interface Parts {
  settings: Settings;
  db: Db;
  clock: Clock;
  random: Random;
  log: Log;
}

export interface Ready {
  pid: number;
  port: number | null;
  /** Where a damaged database was moved to at this start. */
  setAside: string | null;
}

export interface HouseParts extends Parts {
  /** Puts the rooms together anew, over what the database says by then; returns at once. */
  reload: () => void;
}

export interface RunOptions {
  settings: Settings;
  /** Puts the rooms together; starts nothing yet. Called again after a damaged database was replaced, and for a reload. */
  compose: (parts: HouseParts) => Promise<House>;
  /** Speaks with an edge that this device is to be paired with. */
  startPairing: StartPairing;
  /** Told once, when the daemon serves. */
  onReady?: (ready: Ready) => void;
  /** Given each line of the log as well. */
  echo?: (line: string) => void;
}

/** What stopping may take before the rest is left to the next start, milliseconds. */
const stopWithinMs = 10_000;
/** A machine that damages one fresh database after the other is not to be worked on for ever. */
const mostReplacements = 3;

/** Resolves to the exit code when it was stopped. Throws what keeps it from running, after having written it to the log. */
export async function run(options: RunOptions): Promise<number> {
  const clock = createSystemClock();
  const startedAt = clock.now();
  const home = prepareHome(options.settings.home);
  const lock = takeLock(home, process.pid);
  const file = createLogFile({ path: home.logFile });
  const log = createLog({ clock, file, level: options.settings.logLevel, ...(options.echo && { echo: options.echo }) });
  // A damaged database shows in many places at once; it is dealt with in one.
  const shutdown = watchShutdown({ log, flush: file.flushSync, exit: process.exit, survives: isDamage });
  try {
    return await serveUntilStopped({ ...options, home, clock, log, shutdown, startedAt });
  } catch (error) {
    log.error('daemon.failed', error);
    throw error;
  } finally {
    shutdown.forget();
    await file.close();
    lock.release();
  }
}

interface Frame extends RunOptions {
  home: Home;
  clock: Clock;
  log: Log;
  shutdown: Shutdown;
  startedAt: number;
}

interface End {
  reason: StopReason;
  /** False when something would not stop in time. */
  clean: boolean;
}

async function serveUntilStopped(frame: Frame): Promise<number> {
  let { onReady = () => {} } = frame;
  for (let replacements = 0; replacements <= mostReplacements; replacements++) {
    const { reason, clean } = await serve(frame, (ready) => {
      onReady(ready);
      onReady = () => {};
    });
    // What still runs must not work on a file that is being moved: then another process does it.
    if (reason !== 'damaged' || !clean) return clean ? 0 : 1;
  }
  throw new PryxError('database_corrupt', 'One fresh database after the other is damaged while it is in use.', {
    hint: 'Check the disk and the memory of this machine before you start Pryx again.',
  });
}

async function serve(frame: Frame, onReady: (ready: Ready) => void): Promise<End> {
  const { home, clock, log, settings, shutdown } = frame;
  const damage = Promise.withResolvers<'damaged'>();
  let damaged = false;
  const database = openDatabase({
    path: home.database,
    now: clock.now,
    onDamage(error) {
      damaged = true;
      log.error('database.damaged', error);
      damage.resolve('damaged');
    },
  });
  const { db, setAside, version } = database;
  const open: Closing[] = [{ name: 'database', close: database.close }];
  const end = async (reason: StopReason): Promise<End> => {
    life.state = 'stopping';
    const clean = await closeAll(open.toReversed(), { clock, log, deadlineMs: stopWithinMs });
    log.info('daemon.stopped', { reason, clean });
    return { reason, clean };
  };
  const parts = { settings, db, clock, random: systemRandom, log };
  const keeper = createHouseKeeper({ ...parts, compose: () => frame.compose({ ...parts, reload: keeper.reload }) });
  const { house, reload } = keeper;
  const pairing = createPairingDesk({ ...parts, startPairing: frame.startPairing, house, reload });
  const life: Life = { state: 'starting', house, pairing, port: null };
  try {
    if (setAside !== null) log.error('database.set_aside', lossOf(setAside), { file: setAside });
    const doors = await openDoors({ ...frame, stop: () => shutdown.request('asked') }, life, database);
    open.push(...doors.map(({ close }) => ({ name: 'http', close })));
    // Also when it cannot be put together: a pairing may have begun by then.
    open.push({ name: 'house', close: keeper.stop }, { name: 'pairing', close: pairing.stop });
    await keeper.open();
    const sweeper = createSweeper({ db, clock, log });
    open.push({ name: 'sweeper', close: sweeper.stop });
    sweeper.start();
    life.state = 'ready';
    log.info('daemon.ready', { pid: process.pid, port: life.port, schema: version });
    onReady({ pid: process.pid, port: life.port, setAside });
    return await end(await Promise.race([shutdown.requested, damage.promise]));
  } catch (error) {
    if (damaged) return end('damaged');
    await end('failed');
    throw error;
  }
}

const lossOf = (file: string): PryxError =>
  new PryxError(
    'database_corrupt',
    `The database was damaged. It was kept as ${file}, and Pryx goes on with an empty one: what it remembered, its conversations and its pairing are not there.`,
    { hint: 'See "A damaged database" in docs/storage.md for how to get back what can be read.' },
  );
