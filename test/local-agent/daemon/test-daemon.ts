/**
 * A daemon with an empty house, which does what PRYX_TEST_FAULT says: `compose` while it starts, `hang` when it stops, all else on SIGUSR2.
 * Prints one line when it is ready, or when it failed.
 */
import { openSync, writeSync } from 'node:fs';
import { readSettings } from '../../../local-agent/core/settings.ts';
import { run } from '../../../local-agent/daemon/run.ts';
import type { Db } from '../../../local-agent/store/database.ts';
import { memory } from '../../../local-agent/store/tables/memory.ts';
import { emptyHouse } from './empty-house.ts';

const fault = process.env['PRYX_TEST_FAULT'];

/** Damages the page where the memories begin, and reads it, once. */
function readDamagedPage(db: Db): void {
  const rows = db.$client.prepare<[], number>('select count(*) from memory').pluck().get();
  if (rows === 0) return;
  const page = db.$client.prepare<[], number>("select rootpage from sqlite_master where name = 'memory'").pluck().get();
  // Not closed again: that would drop the locks of the connection.
  writeSync(openSync(db.$client.name, 'r+'), Buffer.alloc(4096, 0xa5), 0, 4096, ((page ?? 0) - 1) * 4096);
  // What was read at the start is still in its cache.
  db.$client.pragma('shrink_memory');
  db.select().from(memory).all();
}

try {
  process.exitCode = await run({
    settings: readSettings(process.env),
    startPairing: () => Promise.reject(new Error('nobody pairs here')),
    onReady: (ready) => void process.stdout.write(`${JSON.stringify(ready)}\n`),
    compose: ({ db }) => {
      process.removeAllListeners('SIGUSR2').on('SIGUSR2', () => {
        if (fault === 'throw') throw new TypeError('what a user said');
        if (fault === 'reject') void Promise.reject(new TypeError('what a user said'));
        if (fault === 'read') void Promise.resolve().then(() => readDamagedPage(db));
      });
      if (fault === 'compose') readDamagedPage(db);
      return Promise.resolve({ ...emptyHouse, ...(fault === 'hang' && { stop: () => new Promise<never>(() => {}) }) });
    },
  });
} catch (error) {
  const failed = error instanceof Error && 'code' in error ? error.code : String(error);
  process.stdout.write(`${JSON.stringify({ failed })}\n`);
  process.exitCode = 1;
}
if (fault === 'hang') process.exit();
