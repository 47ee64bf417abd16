/** A workerd whose parent was killed lives on, holding port and storage. Its process id lies beside the storage, so that the next start can end it. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';

const fileIn = (storage: string): string => join(storage, 'workerd.pid');

export async function rememberWorkerd(storage: string, workerd: { pid: number; parent: number }): Promise<void> {
  await writeFile(fileIn(storage), JSON.stringify(workerd));
}

export async function forgetWorkerd(storage: string): Promise<void> {
  await rm(fileIn(storage), { force: true });
}

/** Ends the workerd that an earlier start left behind. Throws `conflict` when that start is still at work: storage has one user. */
export async function endOrphan(storage: string): Promise<void> {
  const left = await readRemembered(storage);
  if (left === undefined) return;
  const found = await readProcess(left.pid);
  // The number may belong to another program by now: only a workerd is ours to end.
  if (found?.name.includes('workerd')) {
    if (found.parent === left.parent)
      throw new PryxError('conflict', `An edge is already running over ${storage}.`, {
        hint: `Stop process ${left.parent} first, or use another folder.`,
      });
    process.kill(left.pid, 'SIGKILL');
    while ((await readProcess(left.pid)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await forgetWorkerd(storage);
}

const remembered = z.object({ pid: z.int().positive(), parent: z.int().positive() });

async function readRemembered(storage: string): Promise<z.infer<typeof remembered> | undefined> {
  try {
    return remembered.parse(JSON.parse(await readFile(fileIn(storage), 'utf8')));
  } catch {
    return undefined;
  }
}

/** `undefined` when there is none, or only what is left of one. */
async function readProcess(pid: number): Promise<{ name: string; parent: number } | undefined> {
  try {
    if (process.platform === 'linux') {
      // proc(5): `pid (comm) state ppid …`; the name may hold anything but ends at the last bracket.
      const [, name, state, parent] =
        /^\d+ \((.*)\) (\S) (\d+) /s.exec(await readFile(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return name === undefined || state === 'Z' ? undefined : { name, parent: Number(parent) };
    }
    const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'ppid=,comm=']);
    const [, parent, name] = /^\s*(\d+)\s+(.+)$/m.exec(stdout) ?? [];
    return name === undefined ? undefined : { name, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
