/** The command with a daemon whose house is empty, and does what PRYX_TEST_FAULT says. */
import { runProgram } from '../../../local-agent/cli/run-program.ts';
import type { House } from '../../../local-agent/daemon/house.ts';
import { run } from '../../../local-agent/daemon/run.ts';
import { PryxError } from '../../../shared/error.ts';
import { emptyHouse } from '../daemon/empty-house.ts';

const lastError = {
  code: 'unavailable',
  message: 'The edge \u001b[31mcannot\u001b[0m be reached.',
  hint: 'Check PRYX_EDGE_URL.',
  at: Date.now(),
};
const houses: Record<string, Partial<House>> = {
  down: { link: () => ({ state: 'down', lastError }) },
  hang: { stop: () => new Promise<never>(() => {}) },
};

function faultyHouse(fault: string): House {
  if (fault === 'killed') process.kill(process.pid, 'SIGKILL');
  return { ...emptyHouse, ...houses[fault] };
}

process.exitCode = await runProgram(process.argv.slice(2), {
  loadDaemon: () =>
    Promise.resolve({
      runDaemon: (options) =>
        run({
          ...options,
          startPairing: () => Promise.reject(new PryxError('edge_unreachable', 'There is no edge in this test.')),
          compose: ({ log, settings }) => {
            log.info('test.composed', { polling: settings.telegram?.polling });
            if (process.env['PRYX_TEST_FAULT'] === 'noisy') {
              log.warn('test.noise');
              log.error('test.noise', new Error('noise'));
            }
            return Promise.resolve(faultyHouse(process.env['PRYX_TEST_FAULT'] ?? ''));
          },
        }),
    }),
});
