/**
 * The file that the log goes to: written in the background, so that a slow disk holds nobody up; bounded on the disk by rotation and in
 * memory by giving up lines, which are counted; a full disk is survived (decision 013).
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../../shared/error.ts';

export interface LogFileOptions {
  path: string;
  /** Size from which a new file is begun. */
  maxBytes?: number;
  /** Files kept, the current one among them: `pryx.log`, `pryx.log.1`, … the higher the older. */
  keep?: number;
  /** What may wait for the disk. */
  maxPendingBytes?: number;
}

export interface LogFile {
  /** Takes one line, without its end. Returns at once and never throws. */
  write: (line: string) => void;
  /** Lines given up since the last call; 0 as long as the file cannot be written, since nobody could be told. */
  takeLost: () => number;
  /** Writes what waits, now. For the moment before the process ends. */
  flushSync: () => void;
  /** Resolves when what waited is written, or given up. */
  close: () => Promise<void>;
}

export function createLogFile(options: LogFileOptions): LogFile {
  const { path, maxBytes = 5 * 1024 * 1024, keep = 5, maxPendingBytes = 1024 * 1024 } = options;
  let pending: string[] = [];
  let pendingBytes = 0;
  let lost = 0;
  let writing = false;
  let torn = false;
  let file: { fd: number; bytes: number } | undefined;
  let broken = false;
  let onIdle: (() => void) | undefined;

  /** Opens it when it is not open, begins a new one when it is full. `undefined`: not possible now. */
  function ready(bytes: number): { fd: number; bytes: number } | undefined {
    try {
      file ??= openLog(path);
      if (file.bytes > 0 && file.bytes + bytes > maxBytes) {
        closeSync(file.fd);
        file = undefined;
        rotate(path, keep);
        file = openLog(path);
      }
    } catch {
      file = undefined;
    }
    return file;
  }

  function takeBatch(): { lines: number; data: Buffer } {
    const data = Buffer.from(`${torn ? '\n' : ''}${pending.join('\n')}\n`);
    const lines = pending.length;
    pending = [];
    pendingBytes = 0;
    return { lines, data };
  }

  function writeNext(): void {
    if (writing) return;
    if (pending.length === 0) return onIdle?.();
    const { lines, data } = takeBatch();
    const target = ready(data.length);
    broken = target === undefined;
    if (target === undefined) {
      lost += lines;
      return writeNext();
    }
    writing = true;
    const writeFrom = (offset: number): void =>
      write(target.fd, data, offset, data.length - offset, null, (error, written) => {
        broken = error !== null;
        if (error !== null) {
          lost += lines;
          torn = offset > 0;
          // Opened anew for the next line: it may have been taken away.
          closeSync(target.fd);
          file = undefined;
        } else {
          target.bytes += written;
          if (offset + written < data.length) return writeFrom(offset + written);
          torn = false;
        }
        writing = false;
        writeNext();
      });
    writeFrom(0);
  }

  return {
    write(line) {
      if (pendingBytes + line.length > maxPendingBytes) {
        lost++;
        return;
      }
      pending.push(line);
      pendingBytes += line.length + 1;
      // After this turn of the loop: what is logged together is written together.
      if (pending.length === 1 && !writing) setImmediate(writeNext);
    },
    takeLost() {
      if (broken) return 0;
      const count = lost;
      lost = 0;
      return count;
    },
    flushSync() {
      if (pending.length === 0) return;
      const { lines, data } = takeBatch();
      const target = writing ? file : ready(data.length);
      try {
        if (target === undefined) throw new Error('no file');
        writeSync(target.fd, data);
      } catch {
        lost += lines;
      }
    },
    async close() {
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        writeNext();
      });
      onIdle = undefined;
      if (file !== undefined) closeSync(file.fd);
      file = undefined;
    },
  };
}

function openLog(path: string): { fd: number; bytes: number } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(path, 'a', 0o600);
  return { fd, bytes: fstatSync(fd).size };
}

/** `pryx.log` → `pryx.log.1` → … ; the oldest goes. */
function rotate(path: string, keep: number): void {
  const name = (age: number): string => (age === 0 ? path : `${path}.${age}`);
  rmSync(name(keep - 1), { force: true });
  for (let age = keep - 2; age >= 0; age--) renameIfThere(name(age), name(age + 1));
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
