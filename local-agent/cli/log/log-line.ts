/** One line of the log, read: an object that the daemon wrote, or raw text that came from Node or a library when all else failed. */

export const severities = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type Severity = (typeof severities)[number];

export interface LogLine {
  severity: Severity;
  /** As it stands in the file. */
  text: string;
  /** Undefined for raw text. */
  fields: Record<string, unknown> | undefined;
}

export function readLine(text: string): LogLine {
  const fields = readFields(text);
  return { text, fields, severity: severities.find((name) => name === fields?.['severity']) ?? 'ERROR' };
}

function readFields(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export const atLeast =
  (least: Severity) =>
  (line: LogLine): boolean =>
    severities.indexOf(line.severity) >= severities.indexOf(least);
