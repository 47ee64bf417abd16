/** A log that keeps its lines for the test to read. */
import type { Log, LogFields } from '../../local-agent/core/log.ts';

export interface KeptLog extends Log {
  lines: { severity: string; event: string; fields: LogFields; error?: unknown }[];
}

export function createKeptLog(): KeptLog {
  const lines: KeptLog['lines'] = [];
  const keep =
    (severity: string) =>
    (event: string, fields: LogFields = {}): void => {
      lines.push({ severity, event, fields });
    };
  return {
    lines,
    debug: keep('DEBUG'),
    info: keep('INFO'),
    warn: keep('WARN'),
    error: (event, error, fields = {}) => void lines.push({ severity: 'ERROR', event, fields, error }),
  };
}
