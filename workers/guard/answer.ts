/** How the edge answers: JSON with the security headers on it, errors by the one table of shared/error.ts. */
import { PryxError, errorBody, httpStatus, toPryxError } from '../../shared/error.ts';
import { logInternal } from './log.ts';

/** Nothing that the edge answers is to be cached, framed, sniffed or run. Every answer of the edge is made in this file. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function answerJson(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...securityHeaders, ...headers },
  });
}

export function answerEmpty(status: number): Response {
  return new Response(null, { status, headers: securityHeaders });
}

/** Any error as an answer. Details of what was not foreseen go to the log alone. */
export function answerError(thrown: unknown, headers: Record<string, string> = {}): Response {
  const error = toPryxError(thrown);
  if (error.code === 'internal') logInternal(error);
  return answerJson(httpStatus(error), errorBody(error), { ...headersOf(error), ...headers });
}

/** RFC 9110, section 15.5.6: the methods that there are go with the refusal. */
export function refuseMethod(allowed: string): Response {
  const error = new PryxError('method_not_allowed', `This address takes ${allowed} alone.`);
  return answerError(error, { allow: allowed });
}

function headersOf(error: PryxError): Record<string, string> {
  const status = httpStatus(error);
  if (status === 429 || status === 503) return { 'retry-after': '60' };
  // RFC 9449, section 7.1
  if (error.code === 'bad_proof') return { 'www-authenticate': 'DPoP error="invalid_dpop_proof", algs="Ed25519"' };
  if (error.code === 'not_paired') return { 'www-authenticate': 'DPoP error="invalid_token", algs="Ed25519"' };
  return {};
}
