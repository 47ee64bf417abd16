/** The files of the log as the daemon leaves them: `pryx.log`, and `pryx.log.1` and on, the older the higher. */
import { type Stats, closeSync, openSync, readSync, statSync } from 'node:fs';

/** As many as the daemon keeps (telemetry/log-file). */
const mostFiles = 5;

export interface LogFile {
  path: string;
  stats: Stats;
}

/** Newest first. */
export function listLogFiles(path: string): LogFile[] {
  return Array.from({ length: mostFiles }, (_, age) => (age === 0 ? path : `${path}.${age}`)).flatMap((name) => {
    const stats = statSync(name, { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ path: name, stats }];
  });
}

/** The whole lines from `offset` on, and where they end. */
export function readLinesFrom(path: string, offset: number): { lines: string[]; end: number } {
  const file = openSync(path, 'r');
  try {
    return readLinesOf(file, offset);
  } finally {
    closeSync(file);
  }
}

export function readLinesOf(file: number, offset: number): { lines: string[]; end: number } {
  const parts: Buffer[] = [];
  for (let position = offset; ; ) {
    const part = Buffer.allocUnsafe(256 * 1024);
    const bytes = readSync(file, part, 0, part.length, position);
    if (bytes === 0) break;
    parts.push(part.subarray(0, bytes));
    position += bytes;
  }
  const content = Buffer.concat(parts);
  const length = content.lastIndexOf(10) + 1;
  const text = content.toString('utf8', 0, length);
  return { lines: text.split('\n').filter((line) => line !== ''), end: offset + length };
}

/** The last lines that `wanted` takes, oldest first; goes back into older files as far as needed. */
export function readLastLines<T>(path: string, count: number, wanted: (line: string) => T | undefined): T[] {
  const found: T[] = [];
  for (const file of listLogFiles(path)) {
    const { lines } = readLinesFrom(file.path, 0);
    for (let index = lines.length - 1; index >= 0 && found.length < count; index--) {
      const line = wanted(lines[index] ?? '');
      if (line !== undefined) found.push(line);
    }
    if (found.length >= count) break;
  }
  return found.toReversed();
}
