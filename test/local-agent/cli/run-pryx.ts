/** Runs `pryx` as a person would, in a home of its own; what runs in it at the end of the test is ended. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Program, startProgram } from '../daemon/start-program.ts';

export interface Said {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface TestHome {
  folder: string;
  pryx: (...args: string[]) => Promise<Said>;
  /** For those that do not end by themselves. */
  begin: (...args: string[]) => Program;
  /** The process that `run/pryx.pid` names. */
  pid: () => number | undefined;
}

export function createHome(entry: string, env: Record<string, string> = {}): TestHome {
  const folder = mkdtempSync(join(tmpdir(), 'pryx-test-'));
  const all = {
    PRYX_HOME: folder,
    PRYX_PORT: '0',
    PRYX_LOCAL_MODELS: 'off',
    NODE_COMPILE_CACHE: join(dirname(entry), '.cache'),
    ...env,
  };
  const begin = (...args: string[]): Program => startProgram([entry, ...args], all, folder);
  const pid = (): number | undefined => {
    try {
      return Number.parseInt(readFileSync(join(folder, 'run/pryx.pid'), 'utf8'), 10);
    } catch {
      return undefined;
    }
  };
  onTestFinished(() => {
    const left = pid();
    // Only what runs in this home: the file is removed by a daemon that ends, and the home is this test's own.
    if (left !== undefined && isAlive(left)) process.kill(left, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    begin,
    pid,
    async pryx(...args) {
      const { ended, stdout } = begin(...args);
      const { code, stderr } = await ended;
      return { code, stdout: stdout(), stderr };
    },
  };
}

/** Not counting what has ended and waits to be buried: where tests run there may be no init that does it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}
