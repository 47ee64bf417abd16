import { describe, expect, test } from 'vitest';
import { isNotModified, isPressOver, toDelivery } from '../../../../../local-agent/channels/telegram/api/classify.ts';

const refused = (code: number, description: string, more: { retryAfterSeconds?: number } = {}) =>
  ({ kind: 'refused', code, description, ...more }) as const;

describe('what Telegram answers means for a message:', () => {
  test.each([
    [400, "Bad Request: can't parse entities: Unsupported start tag", 'formatting'],
    [400, "Bad Request: can't parse MessageEntity: Unsupported type specified", 'formatting'],
    [
      400,
      'Bad Request: entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 9',
      'formatting',
    ],
    [400, 'Bad Request: receive an entity with incorrect offset -1', 'formatting'],
    [400, 'Bad Request: URL ‘x’ is invalid: Wrong HTTP URL', 'formatting'],
    [400, 'Bad Request: message to edit not found', 'gone'],
    [400, "Bad Request: message can't be edited", 'gone'],
    [400, 'Bad Request: MESSAGE_ID_INVALID', 'gone'],
    [400, 'Bad Request: chat not found', 'invalid'],
    [400, 'Bad Request: message text is empty', 'invalid'],
    [413, 'Request Entity Too Large', 'invalid'],
    [409, 'Conflict: terminated by other getUpdates request', 'invalid'],
    [403, 'Forbidden: bot was blocked by the user', 'blocked'],
    [403, 'Forbidden: bot was kicked from the supergroup chat', 'blocked'],
    [401, 'Unauthorized', 'unauthorized'],
    [404, 'Not Found', 'unauthorized'],
    [404, 'Not Found: method not found', 'invalid'],
  ])('%i %s is %s for good', (code, description, reason) => {
    expect(toDelivery(refused(code, description), 0)).toMatchObject({ kind: 'rejected', reason });
  });

  test('429 is a pause as long as it says, and up to a second more', () => {
    const flood = refused(429, 'Too Many Requests: retry after 7', { retryAfterSeconds: 7 });
    expect(toDelivery(flood, 0)).toEqual({ kind: 'wait', ms: 7000 });
    expect(toDelivery(flood, 0.5)).toEqual({ kind: 'wait', ms: 7500 });
    expect(toDelivery(refused(429, 'Too Many Requests'), 0)).toEqual({ kind: 'wait', ms: 1000 });
  });

  test('429 is a pause of an hour at most: then it is asked again', () => {
    const flood = refused(429, 'Too Many Requests: retry after 1000000000', { retryAfterSeconds: 1_000_000_000 });
    expect(toDelivery(flood, 0)).toEqual({ kind: 'wait', ms: 3_600_000 });
  });

  test('an error of theirs may come after the work was done', () => {
    expect(toDelivery(refused(500, 'Internal Server Error'), 0).kind).toBe('unknown');
  });

  test('no answer is unknown when the request had left, and nothing happened when it had not', () => {
    expect(toDelivery({ kind: 'unanswered', left: true, message: 'reset' }, 0).kind).toBe('unknown');
    expect(toDelivery({ kind: 'unanswered', left: false, message: 'refused' }, 0).kind).toBe('unreachable');
  });
});

test('an edit that changes nothing, and a press that is over, are told from other refusals', () => {
  expect(isNotModified(refused(400, 'Bad Request: message is not modified: specified new message content …'))).toBe(
    true,
  );
  expect(isNotModified(refused(400, 'Bad Request: message to edit not found'))).toBe(false);
  const old = 'Bad Request: query is too old and response timeout expired or query ID is invalid';
  expect(isPressOver(refused(400, old))).toBe(true);
  expect(isPressOver(refused(400, 'Bad Request: QUERY_ID_INVALID'))).toBe(true);
  expect(isPressOver(refused(400, 'Bad Request: MESSAGE_TOO_LONG'))).toBe(false);
});
