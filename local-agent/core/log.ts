/** The log port: one event name, plain fields. No secret and no word that a user said may be in a field. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** `error` is written as code, message and hint; a stack only for what was not foreseen. */
  error(event: string, error: unknown, fields?: LogFields): void;
}
