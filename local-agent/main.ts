/** The daemon: settings → compose → run → wait for a signal. */
import { compose } from './compose.ts';
import { type RunOptions, run } from './daemon/run.ts';
import { requestEdge } from './edge-link/request.ts';
import { openWebSocket } from './edge-link/ws-socket.ts';

export type DaemonOptions = Omit<RunOptions, 'compose' | 'startPairing'>;

/** Resolves to the exit code when it was stopped. Throws what keeps it from starting. */
export function runDaemon(options: DaemonOptions): Promise<number> {
  return run({
    ...options,
    compose: (parts) => compose({ ...parts, openSocket: openWebSocket, request: requestEdge }),
    async startPairing(deps) {
      // A device is paired once: what that takes is not to be in memory ever after.
      const { startPairing } = await import('./edge-link/pairing/pair-device.ts');
      return startPairing({ ...deps, request: requestEdge });
    },
  });
}
