/** Why and how the daemon ends: politely on the first signal, at once on the second, and at once when something was not foreseen. */
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';

export type StopReason = NodeJS.Signals | 'asked' | 'damaged' | 'failed';

export interface Shutdown {
  /** Resolves once, with the first reason. */
  requested: Promise<StopReason>;
  request: (reason: StopReason) => void;
  /** Lets signals and errors go where they went before. */
  forget: () => void;
}

export interface ShutdownDeps {
  log: Log;
  /** Gets the last lines of the log to the disk. */
  flush: () => void;
  exit: (code: number) => void;
  /** Errors that somebody else deals with: logged, and no reason to end. */
  survives: (error: unknown) => boolean;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export function watchShutdown({ log, flush, exit, survives }: ShutdownDeps): Shutdown {
  const { promise: requested, resolve: request } = Promise.withResolvers<StopReason>();
  let signalled = false;

  function onSignal(signal: NodeJS.Signals): void {
    if (signalled) {
      log.warn('daemon.stopped_at_once', { signal });
      flush();
      exit(1);
      return;
    }
    signalled = true;
    log.info('daemon.stopping', { signal });
    request(signal);
  }

  /** Nothing is mended here: what was begun lies in the database, and the next start goes on with it. */
  function onCrash(error: unknown): void {
    if (survives(error)) return log.error('daemon.error_escaped', error);
    log.error('daemon.crashed', error);
    flush();
    exit(1);
  }

  for (const signal of signals) process.on(signal, onSignal);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return {
    requested,
    request,
    forget() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
    },
  };
}

export interface Closing {
  name: string;
  close: () => void | Promise<void>;
}

/** Closes one after the other, whatever goes wrong in one of them. False when it took too long: then the rest is left to the next start. */
export async function closeAll(
  parts: readonly Closing[],
  { clock, log, deadlineMs }: { clock: Clock; log: Log; deadlineMs: number },
): Promise<boolean> {
  const done = new AbortController();
  let current = '';
  const late = clock.sleep(deadlineMs, done.signal).then(
    () => {
      log.warn('daemon.stop_overran', { part: current, afterMs: deadlineMs });
      return false;
    },
    () => true,
  );
  const closed = (async () => {
    for (const { name, close } of parts) {
      current = name;
      try {
        await close();
      } catch (error) {
        log.error('daemon.stop_failed', error, { part: name });
      }
    }
    done.abort();
    return true;
  })();
  return Promise.race([closed, late]);
}
