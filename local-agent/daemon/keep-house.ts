/**
 * The house of a running daemon, put together and, when what it stands on has changed (an edge was paired, or this device revoked), put
 * together anew in the same place: process, socket and port stay, and what was under way is a row in the database, as after a stop.
 */
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { House } from './house.ts';

export interface HouseKeeperDeps {
  compose: () => Promise<House>;
  clock: Clock;
  log: Log;
}

export interface HouseKeeper {
  /** Puts it together and starts it. Throws what `compose` throws. */
  open: () => Promise<void>;
  /** Returns at once. Asked for again meanwhile, it is done once more. */
  reload: () => void;
  /** The one that serves; during a reload the one of before, its link on its way; `undefined` while there is none. */
  house: () => House | undefined;
  /** Ends it, also in the middle of a reload. */
  stop: () => Promise<void>;
}

/** Stopping takes longer only when something hangs: it is waited for all the same, since two houses must never work on one database. */
const longStopMs = 10_000;
const retryMs = [1_000, 5_000, 30_000] as const;

export function createHouseKeeper({ compose, clock, log }: HouseKeeperDeps): HouseKeeper {
  const stopping = new AbortController();
  let house: House | undefined;
  /** Whether `house` was started and not stopped. */
  let stands = false;
  let wanted = false;
  let opening: Promise<void> | undefined;
  let reloading: Promise<void> | undefined;

  async function build(): Promise<void> {
    const built = await compose();
    if (stopping.signal.aborted) return;
    house = built;
    stands = true;
    built.start();
  }

  async function takeDown(): Promise<void> {
    if (!stands) return;
    stands = false;
    await house?.stop();
  }

  async function rebuild(): Promise<void> {
    await opening?.catch(() => undefined);
    for (let failures = 0; wanted && !stopping.signal.aborted; ) {
      try {
        await withWarning(takeDown());
        if (stopping.signal.aborted) break;
        // What is asked for from here on, this one may have missed.
        wanted = false;
        await build();
        if (!stopping.signal.aborted) log.info('daemon.reloaded');
        failures = 0;
      } catch (error) {
        // What was stopped cannot go on: whoever asks shall see that nothing serves.
        house = undefined;
        wanted = true;
        log.error('daemon.reload_failed', error);
        const pauseMs = retryMs[Math.min(failures, retryMs.length - 1)] ?? 0;
        failures += 1;
        await clock.sleep(pauseMs, stopping.signal).catch(() => undefined);
      }
    }
    reloading = undefined;
  }

  async function withWarning(stop: Promise<void>): Promise<void> {
    const done = new AbortController();
    clock.sleep(longStopMs, done.signal).then(
      () => log.warn('daemon.reload_slow', { afterMs: longStopMs }),
      () => undefined,
    );
    await stop.finally(() => done.abort());
  }

  return {
    open() {
      opening = build();
      return opening;
    },
    reload() {
      if (stopping.signal.aborted) return;
      wanted = true;
      // Not at once: whoever asks may be a part of the house, in the middle of something.
      reloading ??= new Promise<void>((resolve) => void setImmediate(resolve)).then(rebuild);
    },
    house: () => (reloading === undefined || house === undefined ? house : { ...house, link: onItsWay }),
    async stop() {
      stopping.abort();
      await reloading;
      await takeDown();
    },
  };
}

/** What the link of before was says nothing of the one to come. */
const onItsWay: House['link'] = () => ({ state: 'connecting', lastError: null });
