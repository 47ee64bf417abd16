/** The folder where everything that Pryx keeps lies (docs/storage.md). */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PryxError } from '../../shared/error.ts';

export interface Home {
  folder: string;
  database: string;
  logFile: string;
  /** What only a running daemon has: lock, pid, socket. */
  runFolder: string;
  lock: string;
  pid: string;
  socket: string;
}

/** macOS takes 103 bytes and Linux 107 (`sun_path` in unix(7), less the end of the text). */
const longestSocketPath = 103;

/** Makes the folders, closed to everybody else. Throws `config_invalid` when the path is too long for a socket. */
export function prepareHome(folder: string): Home {
  const runFolder = join(folder, 'run');
  const socket = join(runFolder, 'pryx.sock');
  if (Buffer.byteLength(socket) > longestSocketPath)
    throw new PryxError('config_invalid', `The path of PRYX_HOME is too long: its socket would be ${socket}.`, {
      hint: `Choose a PRYX_HOME of at most ${longestSocketPath - Buffer.byteLength('/run/pryx.sock')} bytes.`,
    });
  const logs = join(folder, 'logs');
  try {
    for (const path of [folder, runFolder, logs]) mkdirSync(path, { recursive: true, mode: 0o700 });
    // Also when they were there before; the home itself may be a folder that others have a right to, such as a mounted volume.
    for (const path of [runFolder, logs]) chmodSync(path, 0o700);
  } catch (cause) {
    throw new PryxError('config_invalid', `The folder ${folder} cannot be used.`, {
      hint: 'Set PRYX_HOME, or --home, to a folder that you may write.',
      cause,
    });
  }
  return {
    folder,
    database: join(folder, 'pryx.db'),
    logFile: join(logs, 'pryx.log'),
    runFolder,
    lock: join(runFolder, 'lock.db'),
    pid: join(runFolder, 'pryx.pid'),
    socket,
  };
}
