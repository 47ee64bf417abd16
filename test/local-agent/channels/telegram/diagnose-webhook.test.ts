import { describe, expect, test } from 'vitest';
import { diagnoseWebhook, explainFailure } from '../../../../local-agent/channels/telegram/diagnose-webhook.ts';

const url = 'https://edge.example/telegram/h';
const info = { url, pending_update_count: 0 };
const failing = (last_error_message: string) => ({
  url,
  pending_update_count: 3,
  last_error_date: 200,
  last_error_message,
});

describe('a webhook', () => {
  test('that leads to us, with nothing in the way, is well', () => {
    expect(diagnoseWebhook(info, url, 0)).toBeUndefined();
    expect(diagnoseWebhook({ ...info, pending_update_count: 5 }, url, 0)).toBeUndefined();
  });

  test('that was removed, or leads elsewhere, names who may have done it', () => {
    expect(diagnoseWebhook({ ...info, url: '' }, url, 0)).toMatchObject({
      code: 'channel_misconfigured',
      message: 'The webhook of this bot was removed.',
      hint: expect.stringContaining('uses this token'),
    });
    const elsewhere = diagnoseWebhook({ ...info, url: 'https://other.example/secret-path' }, url, 0);
    expect(elsewhere?.message).toBe('The webhook of this bot leads somewhere else.');
    expect(JSON.stringify(elsewhere)).not.toContain('secret-path');
  });

  test.each([
    ['Wrong response from the webhook: 401 Unauthorized', 'TELEGRAM_WEBHOOK_SECRET'],
    ['Wrong response from the webhook: 404 Not Found', 'PRYX_EDGE_KEYS'],
    ['Wrong response from the webhook: 410 Gone', 'Restart'],
    ['Wrong response from the webhook: 503 Service Unavailable', 'Start the daemon'],
    ['Wrong response from the webhook: 500 Internal Server Error', 'wrangler tail'],
    ['Connection refused', 'PRYX_EDGE_URL'],
    ['Failed to resolve host: Name or service not known', 'PRYX_EDGE_URL'],
    ['Read timeout expired: connection timed out', 'PRYX_EDGE_URL'],
    ['SSL error {error:0A000086:SSL routines::certificate verify failed}', 'certificate'],
    ['Something new', 'PRYX_EDGE_URL'],
  ])('that fails with "%s" says so and what to do', (said, hint) => {
    const problem = diagnoseWebhook(failing(said), url, 100);
    expect(problem?.message).toBe(`Telegram cannot hand over 3 updates: ${said}.`);
    expect(problem?.hint).toContain(hint);
  });

  test('is not blamed for errors of before, nor for one that nothing waits behind', () => {
    expect(diagnoseWebhook(failing('Connection refused'), url, 200)).toBeUndefined();
    expect(diagnoseWebhook({ ...failing('Connection refused'), pending_update_count: 0 }, url, 100)).toBeUndefined();
  });
});

describe('a call that fails is explained:', () => {
  const refused = (code: number, description: string) => explainFailure({ kind: 'refused', code, description });

  test.each([
    [401, 'Unauthorized', 'channel_unauthorized', 'BotFather'],
    [404, 'Not Found', 'channel_unauthorized', 'BotFather'],
    [400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook', 'channel_misconfigured', 'https'],
    [
      400,
      'Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443',
      'channel_misconfigured',
      '8443',
    ],
    [400, 'Bad Request: bad webhook: IP address 10.0.0.7 is reserved', 'channel_misconfigured', 'https'],
    [
      400,
      'Bad Request: bad webhook: Failed to resolve host: Name or service not known',
      'channel_misconfigured',
      'PRYX_EDGE_URL',
    ],
    [400, 'Bad Request: invalid webhook URL specified', 'channel_misconfigured', 'PRYX_EDGE_URL'],
    [
      409,
      'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      'channel_misconfigured',
      'polls with the same token',
    ],
    [
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      'channel_misconfigured',
      'set a webhook',
    ],
    [409, 'Conflict: terminated by setWebhook request', 'channel_misconfigured', 'set a webhook'],
    [
      400,
      'Bad Request: secret token contains unallowed characters',
      'channel_misconfigured',
      'TELEGRAM_WEBHOOK_SECRET',
    ],
    [404, 'Not Found: method not found', 'channel_misconfigured', 'too old'],
    [429, 'Too Many Requests: retry after 1', 'channel_unreachable', 'goes on trying'],
    [500, 'Internal Server Error', 'channel_unreachable', 'goes on trying'],
  ])('%i %s', (code, description, errorCode, hint) => {
    expect(refused(code, description)).toMatchObject({ code: errorCode, hint: expect.stringContaining(hint) });
  });

  test('no answer, and an answer of somebody else', () => {
    const silent = explainFailure({ kind: 'unanswered', left: false, message: 'connect ECONNREFUSED 127.0.0.1:1' });
    expect(silent).toMatchObject({ code: 'channel_unreachable', hint: expect.stringContaining('network') });
    const foreign = explainFailure({
      kind: 'unanswered',
      left: true,
      message: 'an answer with HTTP status 404',
      status: 404,
    });
    expect(foreign).toMatchObject({ code: 'channel_unreachable', hint: expect.stringContaining('TELEGRAM_API_ROOT') });
  });
});
