/** A refusal as the Bot API words it: `{ok: false, error_code, description, parameters}`. */
export class BotApiError extends Error {
  override readonly name = 'BotApiError';
  readonly code: number;
  readonly parameters: Record<string, unknown> | undefined;

  constructor(code: number, description: string, parameters?: Record<string, unknown>) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

/** 400. The server writes its own sentences with a small first letter; codes such as `REACTION_INVALID` stay as they are. */
export function badRequest(text: string): BotApiError {
  const isCode = /^[A-Z][A-Z_]/.test(text);
  return new BotApiError(400, `Bad Request: ${isCode ? text : text.charAt(0).toLowerCase() + text.slice(1)}`);
}

export const forbidden = (text: string): BotApiError => new BotApiError(403, `Forbidden: ${text}`);
export const conflict = (text: string): BotApiError => new BotApiError(409, `Conflict: ${text}`);
export const unauthorized = (): BotApiError => new BotApiError(401, 'Unauthorized');

export const tooManyRequests = (retryAfter: number): BotApiError =>
  new BotApiError(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });
