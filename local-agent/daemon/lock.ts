/**
 * One daemon a home. The lock is SQLite's own on a file that stays empty: the kernel frees it when the process ends, however it ends, and
 * no two can have it, also when they start at the same moment (decision 014).
 */
import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { PryxError, codeOf } from '../../shared/error.ts';
import type { Home } from './home.ts';

export interface Lock {
  /** May be called twice. */
  release: () => void;
}

/** Throws `daemon_already_running`. */
export function takeLock(home: Pick<Home, 'folder' | 'lock' | 'pid'>, pid: number): Lock {
  makeLockFile(home.lock);
  const held = holdLock(home);
  // For people and for messages: the lock alone says whether a daemon runs.
  writeFileSync(home.pid, `${pid}\n`, { mode: 0o600 });
  const release = (): void => {
    process.off('exit', release);
    if (!held.open) return;
    rmSync(home.pid, { force: true });
    held.close();
  };
  // Not only for tidiness: a connection that nobody refers to is closed when memory is collected, and the lock would be gone.
  process.once('exit', release);
  return { release };
}

/** Only when it is missing: closing a handle of the file would drop the lock that this process may hold (fcntl(2)). */
function makeLockFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function holdLock(home: Pick<Home, 'folder' | 'lock' | 'pid'>): Sqlite.Database {
  const client = new Sqlite(home.lock, { timeout: 0 });
  try {
    // Nothing is ever written; this keeps it from preparing to.
    client.pragma('journal_mode = memory');
    client.exec('begin exclusive');
    return client;
  } catch (error) {
    client.close();
    if (codeOf(error)?.startsWith('SQLITE_BUSY')) throw alreadyRunning(home);
    if (codeOf(error) !== 'SQLITE_NOTADB') throw error;
    // Something wrote into it, so nobody holds it. Emptied, never replaced: two new files would be two locks.
    truncateSync(home.lock);
    return holdLock(home);
  }
}

function alreadyRunning(home: Pick<Home, 'folder' | 'pid'>): PryxError {
  const pid = readPid(home.pid);
  return new PryxError(
    'daemon_already_running',
    `Pryx is already running in ${home.folder}${pid === undefined ? '' : ` (process ${pid})`}.`,
    { hint: 'Stop it first with `pryx stop`, or start another one in another folder with --home.' },
  );
}

function readPid(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}
