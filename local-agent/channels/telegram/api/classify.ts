/** What a failed call means for a message: may it have arrived, is another try of use, and when. */
import type { Delivery } from '../../../core/channel.ts';
import type { Failure } from './api.ts';

/** Whoever is to wait for longer asks again meanwhile: a chat must not fall silent for ever over one answer. */
const mostSeconds = 60 * 60;

/** `fraction`: from 0 to 1, spreads waiting chats over a second. */
export function toDelivery(failure: Failure, fraction: number): Exclude<Delivery, { kind: 'delivered' }> {
  if (failure.kind === 'unanswered') {
    const message = `Telegram gave no answer: ${failure.message}.`;
    return { kind: failure.left ? 'unknown' : 'unreachable', message };
  }
  const { code, description, retryAfterSeconds } = failure;
  if (code === 429)
    return { kind: 'wait', ms: Math.min(retryAfterSeconds ?? 1, mostSeconds) * 1000 + Math.round(fraction * 1000) };
  const message = `Telegram answered ${code}: ${description}`;
  // An error of theirs may come after the work was done.
  if (code >= 500) return { kind: 'unknown', message };
  return { kind: 'rejected', reason: reasonOf(code, description), message };
}

type Reason = Extract<Delivery, { kind: 'rejected' }>['reason'];

/** The Bot API has no error names: the descriptions are all there is to go by. */
function reasonOf(code: number, description: string): Reason {
  if (isTokenRefused(code, description)) return 'unauthorized';
  if (code === 403) return 'blocked';
  if (code !== 400) return 'invalid';
  if (/message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i.test(description)) return 'gone';
  if (/can't parse|entit|\bURL\b.*invalid/i.test(description)) return 'formatting';
  return 'invalid';
}

/** 404 is what a path with a malformed token gives; a server that is older than a method says so in its 404. */
export const isTokenRefused = (code: number, description: string): boolean =>
  code === 401 || (code === 404 && !/method not found/i.test(description));

/** The edit would change nothing: it is already there. */
export const isNotModified = (failure: Failure): boolean =>
  failure.kind === 'refused' && failure.code === 400 && /message is not modified/i.test(failure.description);

/** The press was confirmed already, or is too old to be. */
export const isPressOver = (failure: Failure): boolean =>
  failure.kind === 'refused' &&
  failure.code === 400 &&
  /query is too old|query.?id.?(is )?invalid/i.test(failure.description);
