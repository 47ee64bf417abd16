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

/** What a page may do beyond that: style itself, run our one script, show its own icon, and send its forms to us. */
export interface PageParts {
  /** Hashes of what stands in the page (CSP Level 3, section 2.3.1): `sha256-…`. */
  style: string;
  script?: string | undefined;
  cookies?: readonly string[];
  headers?: Record<string, string>;
}

/** A page for people. With `no-referrer` a browser would send `Origin: null` with its forms (Fetch, "append a request Origin header"). */
export function answerPage(
  status: number,
  html: string,
  { style, script, cookies = [], headers = {} }: PageParts,
): Response {
  const policy = [
    "default-src 'none'",
    `style-src '${style}'`,
    `script-src ${script === undefined ? "'none'" : `'${script}'`}`,
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  return withCookies(
    new Response(html, {
      status,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        ...securityHeaders,
        'content-security-policy': policy,
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy':
          'publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(), geolocation=(), microphone=()',
        'referrer-policy': 'same-origin',
        ...headers,
      },
    }),
    cookies,
  );
}

/** On to another page of ours, by GET (RFC 9110, section 15.4.4). */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  const headers = { ...securityHeaders, 'referrer-policy': 'same-origin', location };
  return withCookies(new Response(null, { status: 303, headers }), cookies);
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
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

export function headersOf(error: PryxError): Record<string, string> {
  const status = httpStatus(error);
  if (status === 429 || status === 503) return { 'retry-after': '60' };
  return status === 401 ? { 'www-authenticate': challengeOf(error) } : {};
}

/** RFC 9449, section 7.1; without an error for who showed nothing (RFC 6750, section 3.1). */
function challengeOf({ code }: PryxError): string {
  if (code === 'unauthorized') return 'DPoP algs="Ed25519"';
  return `DPoP error="${code === 'bad_proof' ? 'invalid_dpop_proof' : 'invalid_token'}", algs="Ed25519"`;
}
