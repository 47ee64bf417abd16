/** `pryx` as somebody runs it in a terminal that is none: what it says so far can be read while it runs. */
import { type ChildProcess, spawn } from 'node:child_process';

const pryx = new URL('../../dist/pryx.js', import.meta.url).pathname;

export interface Command {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves to its exit code. */
  ended: Promise<number | null>;
}

export function runCommand(env: NodeJS.ProcessEnv, ...args: string[]): Command {
  const child = spawn(process.execPath, [pryx, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return {
    child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}
