/** Asks for the tokens of a pairing until its owner has decided (RFC 8628, sections 3.4 and 3.5). */
import { deviceCodeGrant } from '../../../shared/api/oauth.ts';
import { PryxError, codeOf } from '../../../shared/error.ts';
import type { Clock } from '../../core/clock.ts';
import type { Tokens } from '../../store/edge-session.ts';
import { unknownForm } from '../ask-edge.ts';
import { type AskToken, type OAuthFailure, isPassing } from '../ask-token.ts';
import type { PairingCode } from './request-code.ts';

export interface ApprovalDeps {
  code: Pick<PairingCode, 'deviceCode' | 'intervalMs' | 'expiresAt'>;
  tokenEndpoint: string;
  askToken: AskToken;
  clock: Clock;
  signal: AbortSignal;
}

/** The interval lies between two requests (RFC 8628, section 3.2): before the first one, an owner who is a program needs no longer. */
const firstPauseMs = 1_000;
const slowDownMs = 5_000;
/** An edge that cannot be reached is asked more and more seldom, up to this. */
const longestPauseMs = 30_000;

/** Throws `pairing_denied`, `pairing_expired`, `edge_unreachable`, `clock_wrong`, or the reason of `signal`. */
export async function awaitApproval({ code, tokenEndpoint, askToken, clock, signal }: ApprovalDeps): Promise<Tokens> {
  const grant = { grant_type: deviceCodeGrant, device_code: code.deviceCode };
  let { intervalMs } = code;
  let failures = 0;
  let pauseMs = Math.min(firstPauseMs, intervalMs);
  for (;;) {
    await clock.sleep(Math.min(pauseMs, Math.max(0, code.expiresAt - clock.now())), signal);
    if (clock.now() >= code.expiresAt) throw expired();
    const answer = await askToken(tokenEndpoint, grant, signal).catch(passing);
    signal.throwIfAborted();
    if (answer?.ok) return answer.tokens;
    if (answer === undefined || isPassing(answer)) {
      failures += 1;
      const backOffMs = Math.min(intervalMs * 2 ** Math.min(failures, 8), Math.max(longestPauseMs, intervalMs));
      pauseMs = Math.max(backOffMs, answer?.retryAfterMs ?? 0);
      continue;
    }
    failures = 0;
    // For this request and all that follow.
    if (answer.error === 'slow_down') intervalMs += slowDownMs;
    else if (answer.error !== 'authorization_pending') throw explain(answer);
    pauseMs = intervalMs;
  }
}

/** No answer: the edge may be there again before the code expires. */
function passing(error: unknown): undefined {
  if (codeOf(error) !== 'edge_unreachable') throw error;
}

function explain({ error, status }: OAuthFailure): PryxError {
  if (error === 'access_denied')
    return new PryxError('pairing_denied', 'The owner of the edge refused to pair this device.', {
      hint: 'If that was a mistake, begin again with `pryx pair`.',
    });
  if (error === 'expired_token') return expired();
  if (error === 'invalid_grant')
    return new PryxError('pairing_expired', 'The edge does not know this code any more: it was used, or forgotten.', {
      hint: 'Begin again with `pryx pair`.',
    });
  if (status === 200) return unknownForm();
  return new PryxError('edge_unreachable', `The edge refused to pair this device (${error ?? status}).`, {
    hint: 'Do the edge and this machine run the same version of Pryx?',
  });
}

const expired = (): PryxError =>
  new PryxError('pairing_expired', 'Nobody approved this device in time.', {
    hint: 'Begin again with `pryx pair`; the code is good for ten minutes.',
  });
