/** Keeps one child process alive until it is told to stop: restarted when it dies, with growing waits while it keeps dying. */
import type { ChildProcess } from 'node:child_process';

export interface Supervised {
  /** SIGTERM, and SIGKILL when that does not help. Resolves when the process is gone. */
  stop(): Promise<void>;
}

const firstWaitMs = 250;
const longestWaitMs = 30_000;
const steadyAfterMs = 60_000;
const stopWithinMs = 10_000;

export function supervise(
  start: () => ChildProcess,
  died: (code: number | null, signal: NodeJS.Signals | null, waitMs: number) => void,
): Supervised {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let deaths = 0;

  function run(): void {
    const startedAt = performance.now();
    child = start();
    child.once('exit', (code, signal) => {
      child = undefined;
      if (stopping) return;
      deaths = performance.now() - startedAt > steadyAfterMs ? 0 : deaths + 1;
      const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(deaths - 1, 10));
      died(code, signal, wait);
      timer = setTimeout(run, wait);
    });
  }

  run();
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const last = child;
      if (last === undefined) return;
      const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      last.kill('SIGTERM');
      const force = setTimeout(() => last.kill('SIGKILL'), stopWithinMs);
      await gone;
      clearTimeout(force);
    },
  };
}
