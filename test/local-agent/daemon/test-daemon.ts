/** A daemon with an empty house, which does on SIGUSR2 what PRYX_TEST_FAULT says. Prints one line when it is ready. */
import { readSettings } from '../../../local-agent/core/settings.ts';
import { run } from '../../../local-agent/daemon/run.ts';
import { memory } from '../../../local-agent/store/tables/memory.ts';
import { emptyHouse } from './empty-house.ts';

const fault = process.env['PRYX_TEST_FAULT'];

try {
  process.exitCode = await run({
    settings: readSettings(process.env),
    onReady: (ready) => void process.stdout.write(`${JSON.stringify(ready)}\n`),
    compose: ({ db }) => {
      process.removeAllListeners('SIGUSR2').on('SIGUSR2', () => {
        if (fault === 'throw') throw new TypeError('what a user said');
        if (fault === 'reject') void Promise.reject(new TypeError('what a user said'));
        if (fault === 'read') void readMemory();
      });
      const readMemory = () =>
        Promise.resolve().then(() => {
          // What was read at the start is still in its cache.
          db.$client.pragma('shrink_memory');
          return db.select().from(memory).all();
        });
      return Promise.resolve({ ...emptyHouse, ...(fault === 'hang' && { stop: () => new Promise<never>(() => {}) }) });
    },
  });
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error && 'code' in error ? error.code : String(error) })}\n`,
  );
  process.exitCode = 1;
}
if (fault === 'hang') process.exit();
