/** Gives the lines of the log as they come, over the change to a new file. */
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLinesOf } from './log-files.ts';

/** Asked for rather than told of: notifications differ between systems and file systems, and a fifth of a second is soon enough. */
const everyMs = 200;

/** From `start` in the file of now. Ends when `signal` aborts. Waits for a file that is not there yet. */
export async function* followLog(path: string, start: number, signal: AbortSignal): AsyncGenerator<string> {
  let file: number | undefined;
  let offset = start;
  try {
    while (!signal.aborted) {
      file ??= openIfThere(path);
      if (file !== undefined) {
        const { lines, end } = readLinesOf(file, offset);
        offset = end;
        yield* lines;
        if (lines.length > 0) continue;
        if (isReplaced(path, file)) {
          closeSync(file);
          file = undefined;
          offset = 0;
          continue;
        }
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

/** Only by a new file: when there is none for a moment, the old one may still be written to. */
function isReplaced(path: string, file: number): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.ino !== fstatSync(file).ino;
}
