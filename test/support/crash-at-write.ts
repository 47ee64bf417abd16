/**
 * Preloaded into a daemon (`node --import`): once armed by SIGUSR2, kills the process with SIGKILL around its n-th commit,
 * as `PRYX_TEST_CRASH=<before|after>:<n>` says. The daemon itself knows nothing of it.
 */
import Sqlite from 'better-sqlite3';

const [when, count] = (process.env.PRYX_TEST_CRASH ?? '').split(':');
let left = Number(count);
let armed = false;
process.on('SIGUSR2', () => {
  armed = true;
});

interface Statement {
  source: string;
  readonly: boolean;
  database: { inTransaction: boolean };
}

/** What makes something durable: a COMMIT, or a write outside of any transaction. */
const commits = (statement: Statement): boolean =>
  statement.source === 'COMMIT' || (!statement.readonly && !statement.database.inTransaction);

const probe = new Sqlite(':memory:');
const prototype = Object.getPrototypeOf(probe.prepare('select 1')) as Record<
  string,
  (this: Statement, ...args: unknown[]) => unknown
>;
probe.close();

for (const name of ['run', 'get', 'all']) {
  const original = prototype[name];
  if (original === undefined) throw new Error(`better-sqlite3 has no Statement.${name}`);
  prototype[name] = function (...args) {
    if (!armed || !commits(this) || --left > 0) return original.apply(this, args);
    if (when === 'after') original.apply(this, args);
    process.kill(process.pid, 'SIGKILL');
    // The signal may take a moment to arrive: nothing may run on.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return undefined;
  };
}
