/** The log: one JSON object a line, with time, severity and event. No secret and no word of a user gets in, not even by an error. */
import type { Clock } from '../core/clock.ts';
import type { Log, LogFields } from '../core/log.ts';
import { describeError } from './describe-error.ts';
import type { LogFile } from './log-file.ts';

const severities = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;
type Level = keyof typeof severities;
const levels = Object.keys(severities);

export interface LogOptions {
  clock: Pick<Clock, 'now'>;
  level: Level;
  file: Pick<LogFile, 'write' | 'takeLost'>;
  /** Given each line as well: for a daemon in the foreground. */
  echo?: (line: string) => void;
}

export function createLog({ clock, level, file, echo = () => {} }: LogOptions): Log {
  const least = levels.indexOf(level);

  function put(at: Level, event: string, fields: object | undefined): void {
    if (levels.indexOf(at) < least) return;
    const lost = file.takeLost();
    if (lost > 0) emit('warn', 'log.lines_lost', { lines: lost });
    emit(at, event, fields);
  }

  function emit(at: Level, event: string, fields: object | undefined): void {
    const head = { time: new Date(clock.now()).toISOString(), severity: severities[at], event };
    const line = JSON.stringify({ ...head, ...fields, ...head });
    file.write(line);
    echo(line);
  }

  return {
    debug: (event, fields) => put('debug', event, fields),
    info: (event, fields) => put('info', event, fields),
    warn: (event, fields) => put('warn', event, fields),
    error: (event, error: unknown, fields: LogFields = {}) =>
      put('error', event, { ...fields, error: describeError(error) }),
  };
}
