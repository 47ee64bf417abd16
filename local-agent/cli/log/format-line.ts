/** A line of the log for people: local time, severity, event, the rest; an error with its next step below. */
import { type Output, type Style, harmless } from '../terminal/output.ts';
import type { LogLine, Severity } from './log-line.ts';

const colours: Record<Severity, Style> = { DEBUG: 'dim', INFO: 'cyan', WARN: 'yellow', ERROR: 'red' };

export function formatLine(line: LogLine, style: Output['style']): string {
  if (line.fields === undefined) return `${' '.repeat(24)}${style('red', harmless(line.text))}`;
  const { time, severity, event, error, ...rest } = line.fields;
  const fields = Object.entries(rest).map(
    ([name, value]) => `${style('dim', `${harmless(name)}=`)}${formatValue(value)}`,
  );
  const head = [
    style('dim', formatTime(time)),
    style(colours[line.severity], String(severity).padEnd(5)),
    style('bold', formatValue(event)),
    ...fields,
  ].join(' ');
  return [head, ...formatError(error, style)].join('\n');
}

function formatError(error: unknown, style: Output['style']): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { code, message, hint, causes, stack }: Record<string, unknown> = { ...error };
  const words = (value: unknown): string => (typeof value === 'string' ? harmless(value) : '');
  const indent = ' '.repeat(24);
  const below = (lines: unknown, mark: string): string[] =>
    Array.isArray(lines) ? lines.map((line) => `${indent}${style('dim', `${mark}${words(line)}`)}`) : [];
  return [
    `${indent}${style('red', words(code))} ${words(message)}`,
    ...(hint === undefined ? [] : [`${indent}${style('cyan', 'next:')} ${words(hint)}`]),
    ...below(causes, 'because of '),
    ...below(stack, ''),
  ];
}

/** Quoted when it would not read as one word. */
function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? harmless(text) : JSON.stringify(harmless(text));
}

/** `2026-11-20 17:18:09.007` on the clock of this machine. */
function formatTime(time: unknown): string {
  const date = new Date(typeof time === 'string' ? time : Number.NaN);
  if (Number.isNaN(date.getTime())) return ' '.repeat(23);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
