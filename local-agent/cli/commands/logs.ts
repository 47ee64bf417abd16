/** `pryx logs`: the last lines of the log, for people unless --json says otherwise; what was shown counts as seen. */
import { statSync } from 'node:fs';
import { PryxError } from '../../../shared/error.ts';
import { followLog } from '../log/follow.ts';
import { formatLine } from '../log/format-line.ts';
import { readLastLines } from '../log/log-files.ts';
import { type LogLine, type Severity, atLeast, readLine, severities } from '../log/log-line.ts';
import { markSeen } from '../log/news.ts';
import type { CommandContext } from '../context.ts';
import { stopSignal } from '../stop-signal.ts';

export interface LogsOptions {
  lines: string;
  level: string;
  follow?: boolean;
}

export async function logs({ home, output }: CommandContext, options: LogsOptions): Promise<number> {
  const wanted = atLeast(readLevel(options.level));
  const count = readCount(options.lines);
  const end = statSync(home.logFile, { throwIfNoEntry: false })?.size ?? 0;
  const last = readLastLines(home.logFile, count, (text) => {
    const line = readLine(text);
    return wanted(line) ? line : undefined;
  });
  const show = (line: LogLine): void => output.result(documentOf(line), formatLine(line, output.style));
  if (options.follow === true) {
    // One document a line: there is no end to wait for.
    last.forEach(show);
    for await (const text of followLog(home.logFile, end, untilInterrupted())) {
      const line = readLine(text);
      if (wanted(line)) show(line);
    }
  } else if (output.json) output.result({ lines: last.map(documentOf) }, '');
  else last.forEach(show);
  if (last.length === 0 && options.follow !== true) output.say('There is nothing in the log.');
  markSeen(home);
  return 0;
}

const documentOf = (line: LogLine): unknown => line.fields ?? { raw: line.text };

function readLevel(text: string): Severity {
  const level = severities.find((severity) => severity === text.toUpperCase());
  if (level !== undefined) return level;
  throw new PryxError('usage', '--level is none of debug, info, warn and error.', {
    hint: 'For instance: pryx logs --level warn',
  });
}

function readCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= 1_000_000) return count;
  throw new PryxError('usage', '--lines is not a number of lines.', { hint: 'For instance: pryx logs --lines 100' });
}

function untilInterrupted(): AbortSignal {
  const closed = new AbortController();
  process.stdout.once('error', () => closed.abort());
  return AbortSignal.any([stopSignal(), closed.signal]);
}
