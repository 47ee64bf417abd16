/** Where the files lie that the commands look at: the same names as the daemon uses (docs/storage.md). */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface CliHome {
  folder: string;
  socket: string;
  logs: string;
  logFile: string;
  runFolder: string;
  pid: string;
}

/** `--home` before PRYX_HOME before `~/.pryx`. */
export function findHome(option?: string, env: Record<string, string | undefined> = process.env): CliHome {
  const folder = resolve(option || env['PRYX_HOME'] || join(homedir(), '.pryx'));
  const logs = join(folder, 'logs');
  const runFolder = join(folder, 'run');
  return {
    folder,
    socket: join(runFolder, 'pryx.sock'),
    logs,
    logFile: join(logs, 'pryx.log'),
    runFolder,
    pid: join(runFolder, 'pryx.pid'),
  };
}
