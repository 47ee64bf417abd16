/**
 * How many warnings and errors the log got since its owner last looked. Counting goes on from where it ended the last time, so that every
 * command can afford it.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CliHome } from '../home.ts';
import { listLogFiles, readLinesFrom } from './log-files.ts';

export interface News {
  warnings: number;
  errors: number;
}

/** Up to where was counted, and what was found since `pryx logs`. */
interface Mark extends News {
  inode: number;
  offset: number;
}

const markPath = (home: CliHome): string => join(home.runFolder, 'log-seen.json');

export function countNews(home: CliHome): News {
  const files = listLogFiles(home.logFile);
  const [newest] = files;
  const mark = readMark(home);
  if (newest === undefined) return { warnings: 0, errors: 0 };
  const counted =
    mark !== undefined && mark.inode === newest.stats.ino && mark.offset <= newest.stats.size ? mark : undefined;
  if (counted?.offset === newest.stats.size) return counted;
  const news: Mark = { warnings: mark?.warnings ?? 0, errors: mark?.errors ?? 0, inode: newest.stats.ino, offset: 0 };
  // The file that was counted in may have been moved on since: then its rest comes first, and those that came between.
  const age = files.findIndex(({ stats }) => stats.ino === mark?.inode);
  for (const file of files.slice(0, Math.max(age, 0) + 1).toReversed()) {
    const from = file.stats.ino === mark?.inode && mark.offset <= file.stats.size ? mark.offset : 0;
    const { lines, end } = readLinesFrom(file.path, from);
    count(lines, news);
    news.offset = end;
  }
  writeMark(home, news);
  return news;
}

/** What is in the log by now counts as seen. */
export function markSeen(home: CliHome): void {
  const stats = statSync(home.logFile, { throwIfNoEntry: false });
  if (stats !== undefined) writeMark(home, { warnings: 0, errors: 0, inode: stats.ino, offset: stats.size });
}

/** Without parsing: quotes inside of a text are escaped, so this is found only where it is meant. Raw text is one error a block. */
function count(lines: readonly string[], news: News): void {
  let raw = false;
  for (const line of lines) {
    const isRaw = !line.startsWith('{');
    if (isRaw ? !raw : line.includes('"severity":"ERROR"')) news.errors++;
    else if (!isRaw && line.includes('"severity":"WARN"')) news.warnings++;
    raw = isRaw;
  }
}

function readMark(home: CliHome): Mark | undefined {
  try {
    const mark: unknown = JSON.parse(readFileSync(markPath(home), 'utf8'));
    return isMark(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

const isMark = (value: unknown): value is Mark =>
  typeof value === 'object' &&
  value !== null &&
  ['inode', 'offset', 'warnings', 'errors'].every((name) => typeof Reflect.get(value, name) === 'number');

/** Best effort: a mark that cannot be written means counting again. */
function writeMark(home: CliHome, { inode, offset, warnings, errors }: Mark): void {
  try {
    const temporary = `${markPath(home)}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify({ inode, offset, warnings, errors }), { mode: 0o600 });
    renameSync(temporary, markPath(home));
  } catch {
    // No folder, no room, no right: the count is right all the same.
  }
}
