/** A file that exists once: the whole of it or nothing, whatever ends in between, and for its user alone. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

export function replaceFile(path: string, content: string): void {
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, content, { flag: 'wx', mode: 0o600, flush: true });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
