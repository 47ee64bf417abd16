/** The token endpoint (RFC 6749, section 5) as a device uses it: every request with a proof, and the nonce that the edge wants in it (RFC 9449, section 8). */
import {
  type OAuthErrorCode,
  type TokenResponse,
  deviceClientId,
  oauthError,
  oauthErrors,
  tokenResponse,
} from '../../shared/api/oauth.ts';
import { readJson } from '../../shared/read-json.ts';
import type { Clock } from '../core/clock.ts';
import type { Tokens } from '../store/edge-session.ts';
import { askEdge, checkClock } from './ask-edge.ts';
import type { Prove } from './prove.ts';
import type { EdgeAnswer, EdgeRequest } from './request.ts';

export interface OAuthFailure {
  ok: false;
  /** 200: it said yes, in a form that is not understood. What was presented may be used up by that. */
  status: number;
  /** Undefined for what is no error of OAuth. */
  error: OAuthErrorCode | undefined;
  /** What the edge asks to wait, milliseconds; 0 when it does not say. */
  retryAfterMs: number;
}
export type TokenAnswer = { ok: true; tokens: Tokens } | OAuthFailure;

export interface AskTokenDeps {
  prove: Prove;
  request: EdgeRequest;
  clock: Clock;
}

/** Asks with one grant. Throws `clock_wrong`, and `edge_unreachable` when no answer came. */
export type AskToken = (endpoint: string, grant: Record<string, string>, signal?: AbortSignal) => Promise<TokenAnswer>;

export function createAskToken({ prove, request, clock }: AskTokenDeps): AskToken {
  /** Each answer may bring the one for the next request (RFC 9449, section 8.2). */
  let nonce: string | undefined;

  async function post(endpoint: string, body: string, signal?: AbortSignal): Promise<EdgeAnswer> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      dpop: await prove('POST', endpoint, nonce === undefined ? {} : { nonce }),
    };
    const answer = await askEdge(request, ['POST', endpoint, headers, body, signal]);
    nonce = readNonce(answer) ?? nonce;
    return answer;
  }

  return async (endpoint, grant, signal) => {
    const body = new URLSearchParams({ ...grant, client_id: deviceClientId }).toString();
    const askedAt = clock.now();
    let answer = await post(endpoint, body, signal);
    // Once: a server that wants another nonce each time would never be content.
    if (answer.status !== 200 && readFailure(answer).error === 'use_dpop_nonce' && readNonce(answer) !== undefined)
      answer = await post(endpoint, body, signal);
    if (answer.status !== 200) {
      const failure = readFailure(answer);
      // A proof is good for minutes around now: the likeliest reason that one is refused.
      if (failure.error === 'invalid_dpop_proof') checkClock(clock, answer);
      return failure;
    }
    const parsed = tokenResponse.safeParse(readJson(answer.text));
    if (!parsed.success) return { ok: false, status: answer.status, error: undefined, retryAfterMs: 0 };
    return { ok: true, tokens: keepFrom(parsed.data, askedAt) };
  };
}

const keepFrom = (tokens: TokenResponse, askedAt: number): Tokens => ({
  refreshToken: tokens.refresh_token,
  accessToken: tokens.access_token,
  accessExpiresAt: askedAt + tokens.expires_in * 1000,
});

function readNonce({ headers }: EdgeAnswer): string | undefined {
  const nonce = headers['dpop-nonce'];
  return typeof nonce === 'string' && /^[\x21-\x7e]{1,512}$/.test(nonce) ? nonce : undefined;
}

/** An answer that is no success, as OAuth tells it (RFC 6749, section 5.2). */
export function readFailure({ status, headers, text }: EdgeAnswer): OAuthFailure {
  const parsed = oauthError.safeParse(readJson(text));
  const error = oauthErrors.find((code) => parsed.success && code === parsed.data.error);
  const seconds = /^\d{1,6}$/.test(headers['retry-after'] ?? '') ? Number(headers['retry-after']) : 0;
  return { ok: false, status, error, retryAfterMs: seconds * 1000 };
}

/** It may be otherwise in a moment: the edge, or what stands before it, is busy or broken. */
export const isPassing = ({ status, error }: OAuthFailure): boolean =>
  status >= 500 || status === 429 || status === 408 || error === 'temporarily_unavailable';
