/**
 * Moves a damaged database out of the way, with the files that belong to it (decision 011). A note beside the database says what is
 * under way, so that a crash between any two steps is carried on from at the next start:
 * note → move the companions → move the database → a fresh one, its audit row → note away.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { PryxError, codeOf } from '../../shared/error.ts';

/** The database comes last: once it is at its new place, everything is. */
const suffixes = ['-wal', '-shm', '-journal', ''];

const note = z.object({ to: z.string().regex(/^[^/\\]+$/), reason: z.string() });
export type SetAsideNote = z.infer<typeof note>;

const notePath = (path: string): string => `${path}.damaged`;

/** Writes down that the database at `path` is to be set aside at the next opening. Safe while it is open. */
export function noteDamage(path: string, reason: string, now: number): void {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  let to = `${basename(path)}.corrupt-${stamp}`;
  for (let count = 2; existsSync(join(dirname(path), to)); count++)
    to = `${basename(path)}.corrupt-${stamp}-${String(count)}`;
  const temporary = `${notePath(path)}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify({ to, reason } satisfies SetAsideNote));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, notePath(path));
  syncFolder(dirname(path));
}

/** Carries out what `noteDamage` wrote down, as far as it was not done. The database must be closed. `undefined`: there is no note. */
export function moveDamaged(path: string): SetAsideNote | undefined {
  const written = readNote(path);
  if (written === undefined) return undefined;
  const target = join(dirname(path), written.to);
  if (existsSync(target)) return written;
  try {
    for (const suffix of suffixes) if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
    syncFolder(dirname(path));
  } catch (cause) {
    throw new PryxError('database_corrupt', `The database ${path} is damaged and cannot be moved out of the way.`, {
      hint: `Check that you may write in ${dirname(path)}, then start Pryx again.`,
      cause,
    });
  }
  return written;
}

/** The fresh database knows what happened: the note has done its work. */
export function forgetDamage(path: string): void {
  unlinkSync(notePath(path));
}

function readNote(path: string): SetAsideNote | undefined {
  let text: string;
  try {
    text = readFileSync(notePath(path), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  return note.parse(JSON.parse(text));
}

/** A rename is on the disk only when its folder is. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
