/** What of an error may be written down. Messages of strangers may quote their input, and their input may be what a user said. */
import { codeOf, toPryxError } from '../../shared/error.ts';

export interface ErrorDescription {
  code: string;
  message: string;
  hint?: string;
  /** What lies beneath, outermost first: `SqliteError SQLITE_BUSY: database is locked`. */
  causes?: string[];
  /** Frames, for what was not foreseen. */
  stack?: string[];
}

export function describeError(error: unknown): ErrorDescription {
  const known = toPryxError(error);
  const causes = causesOf(known.cause);
  return {
    code: known.code,
    message: known.message,
    ...(known.hint === undefined ? {} : { hint: known.hint }),
    ...(causes.length === 0 ? {} : { causes }),
    ...(known.code === 'internal' ? { stack: framesOf(known.cause instanceof Error ? known.cause : known) } : {}),
  };
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (let current = error; current !== undefined && causes.length < 5; ) {
    causes.push(current instanceof Error ? nameOf(current) : `thrown ${typeof current}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return causes;
}

function nameOf(error: Error): string {
  const code = codeOf(error);
  const title = code === undefined ? error.name : `${error.name} ${code}`;
  return isPlain(error, code) ? `${title}: ${error.message}` : title;
}

/** SQLite names tables and columns, and the system names paths and addresses; neither quotes a value. */
const isPlain = (error: Error, code: string | undefined): boolean =>
  error.name === 'PryxError' || (code !== undefined && (code.startsWith('SQLITE_') || 'syscall' in error));

/** The lines of the stack behind the message, which V8 puts first and which may have lines of its own. */
function framesOf(error: Error): string[] {
  const stack = error.stack ?? '';
  const behind = stack.indexOf(error.message) + error.message.length;
  return stack
    .slice(behind)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim());
}
