/** Starts a program and gives what it prints, line by line. Killed when the test ends, if it still runs then. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface Program {
  child: ChildProcess;
  /** The next line of its standard output, as JSON. Fails when there is none any more. */
  next: () => Promise<unknown>;
  /** What it has printed so far. */
  stdout: () => string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

export function startProgram(args: readonly string[], env: Record<string, string> = {}, cwd?: string): Program {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode, stderr }));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    stdout: () => stdout,
    ended,
    async next() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`It ended without a word: ${(await ended).stderr}`);
      return JSON.parse(value) as unknown;
    },
  };
}
