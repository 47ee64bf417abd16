/** The one error of Pryx: a stable code, what happened, and what to do next; three tables translate it for each surface. */

/** Every code there is. `internal` stands for whatever was not foreseen: its details go to the log alone. */
export const errorCodes = {
  bad_request: { status: 400, exit: 2, chat: 'I could not read that.' },
  unauthorized: { status: 401, exit: 4, chat: 'That is not allowed.' },
  not_found: { status: 404, exit: 1, chat: 'I could not find that.' },
  method_not_allowed: { status: 405, exit: 2, chat: 'That is not possible here.' },
  conflict: { status: 409, exit: 1, chat: 'Something else is already doing that.' },
  too_large: { status: 413, exit: 2, chat: 'That is too large for me.' },
  unsupported_media_type: { status: 415, exit: 2, chat: 'I do not know that format.' },
  rate_limited: { status: 429, exit: 1, chat: 'Too much at once. Please try again in a moment.' },
  internal: { status: 500, exit: 1, chat: 'Something went wrong on my side. It is in my log.' },
  mailbox_full: { status: 503, exit: 1, chat: 'My mailbox is full. Please try again later.' },
  unavailable: { status: 503, exit: 1, chat: 'I am not ready yet. Please try again in a moment.' },

  bad_key: { status: 400, exit: 1, chat: 'A key did not check out.' },
  bad_job: { status: 400, exit: 1, chat: 'A message from my edge did not check out.' },
  bad_proof: { status: 401, exit: 4, chat: 'That is not allowed.' },
  clock_wrong: { status: 503, exit: 5, chat: 'The clock of my machine is wrong.' },
  edge_unreachable: { status: 502, exit: 5, chat: 'I cannot reach my edge right now.' },
  not_paired: { status: 401, exit: 4, chat: 'This device is not paired with an edge.' },
  revoked: { status: 401, exit: 4, chat: 'My edge has shut this device out.' },
  pairing_denied: { status: 403, exit: 4, chat: 'Pairing was refused.' },
  pairing_expired: { status: 410, exit: 4, chat: 'The code for pairing has expired.' },

  usage: { status: 400, exit: 2, chat: 'I could not read that.' },
  config_invalid: { status: 500, exit: 2, chat: 'One of my settings is wrong.' },
  daemon_not_running: { status: 503, exit: 3, chat: 'I am not running.' },
  daemon_already_running: { status: 409, exit: 1, chat: 'I am already running.' },
  port_in_use: { status: 500, exit: 1, chat: 'One of my ports is taken.' },
  unhealthy: { status: 503, exit: 5, chat: 'I am not well.' },

  database_newer: { status: 500, exit: 1, chat: 'My database was written by a newer version.' },
  database_corrupt: { status: 500, exit: 1, chat: 'My database was damaged.' },
  database_unsafe: { status: 500, exit: 1, chat: 'My database is not safe to use on this machine.' },
  migration_failed: { status: 500, exit: 1, chat: 'My database could not be upgraded.' },

  channel_unauthorized: { status: 502, exit: 5, chat: 'The channel refused my key.' },
  channel_unreachable: { status: 502, exit: 5, chat: 'The channel cannot be reached.' },
  channel_misconfigured: { status: 502, exit: 5, chat: 'The channel is not set up right.' },

  model_unauthorized: { status: 502, exit: 5, chat: 'The model refused my key. Check PRYX_MODEL_API_KEY.' },
  model_unreachable: {
    status: 502,
    exit: 5,
    chat: 'I cannot reach the model right now. Please try again in a moment.',
  },
  model_rate_limited: { status: 503, exit: 1, chat: 'The model is busy. Please try again in a moment.' },
  model_refused: { status: 502, exit: 1, chat: 'The model could not answer that.' },
} as const satisfies Record<string, { status: number; exit: number; chat: string }>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * An error somebody can act on. `message` is the cause and `hint` the next step; neither may hold a secret or the words of a user,
 * since both are logged and shown.
 */
export class PryxError extends Error {
  override readonly name = 'PryxError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** Anything thrown, as a PryxError: what was not foreseen becomes `internal`, its details kept in `cause` for the log. */
export function toPryxError(error: unknown): PryxError {
  return error instanceof PryxError
    ? error
    : new PryxError('internal', 'Something unexpected happened.', { cause: error });
}

/** What Node or SQLite calls an error: `ENOENT`, `SQLITE_BUSY`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

export const httpStatus = (error: PryxError): number => errorCodes[error.code].status;
export const exitCode = (error: PryxError): number => errorCodes[error.code].exit;
export const chatSentence = (error: PryxError): string => errorCodes[error.code].chat;

/** The JSON every surface prints for an error. */
export function errorBody(error: PryxError): { error: { code: ErrorCode; message: string; hint?: string } } {
  return {
    error: { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
  };
}
