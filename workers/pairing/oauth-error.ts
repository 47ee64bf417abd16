/** What the OAuth endpoints refuse with, and how they answer. */
import type { OAuthErrorCode } from '../../shared/api/oauth.ts';
import { type PryxError, toPryxError } from '../../shared/error.ts';
import { answerJson } from '../guard/answer.ts';
import { logInternal } from '../guard/log.ts';

/** Where it is not 400 (RFC 6749, section 5.2; RFC 7009, section 2.2.1). */
const statusOf: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  server_error: 500,
  temporarily_unavailable: 503,
};

/** `message` becomes `error_description`: printable ASCII without quotes and backslashes, and nothing of what was sent (RFC 6749, section 5.2). */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  /** Where it is not the one of the code. */
  readonly status: number;

  constructor(code: OAuthErrorCode, message: string, status = statusOf[code] ?? 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Goes with everything that may hold a token (RFC 6749, section 5.1); the rest of it is on every answer of the edge. */
export const uncached = { pragma: 'no-cache' };

/** Any error as RFC 6749 wants it, section 5.2. Details of what was not foreseen go to the log alone. */
export function answerOAuthError(thrown: unknown): Response {
  const { code, message, status } = thrown instanceof OAuthError ? thrown : translate(toPryxError(thrown));
  return answerJson(
    status,
    { error: code, error_description: message },
    {
      ...uncached,
      // RFC 6749, section 5.2: the scheme by which somebody tried, when nobody can.
      ...(status === 401 ? { 'www-authenticate': 'Basic realm="pryx"' } : {}),
      ...(status === 429 || status === 503 ? { 'retry-after': '60' } : {}),
    },
  );
}

function translate(error: PryxError): OAuthError {
  switch (error.code) {
    case 'bad_request':
    case 'unsupported_media_type':
    case 'bad_key':
      return new OAuthError('invalid_request', error.message);
    case 'too_large':
      return new OAuthError('invalid_request', error.message, 413);
    case 'bad_proof':
      return new OAuthError('invalid_dpop_proof', error.message);
    case 'rate_limited':
      return new OAuthError('temporarily_unavailable', error.message, 429);
    case 'unavailable':
      return new OAuthError('temporarily_unavailable', error.message);
    default:
      logInternal(error);
      return new OAuthError('server_error', 'Something unexpected happened.');
  }
}
