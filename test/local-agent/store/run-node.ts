/** Runs a few lines in a Node of their own, for what must die or must not share our locks. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const options = (code: string) => ['--input-type=module', '--eval', code];

/** Waits until it ends; gives what it printed. */
export function runNode(code: string): {
  stdout: string;
  stderr: string;
  signal: string | null;
  status: number | null;
} {
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, options(code), {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  });
  return { stdout, stderr, signal, status };
}

/** Kills it with SIGKILL as soon as `when` holds. Fails when it ended before. */
export async function killNode(code: string, when: () => boolean): Promise<void> {
  const child = spawn(process.execPath, options(code), {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const gone = once(child, 'exit');
  while (child.exitCode === null && !when()) await new Promise((resolve) => setTimeout(resolve, 2));
  if (child.exitCode !== null) throw new Error(`ended before it could be killed: ${stderr}`);
  child.kill('SIGKILL');
  await gone;
}
