/** `POST /telegram/<hook>`: what can be refused without knowing the device is refused here; the rest goes to its mailbox. */
import type { Context } from 'hono';
import { PryxError } from '../../shared/error.ts';
import { maxBodyBytes } from '../../shared/wire/limits.ts';
import type { EdgeContext } from '../environment.ts';
import { refuseMethod } from '../guard/answer.ts';
import { checkAnnouncedLength } from '../guard/bounded-body.ts';
import { countAddress, countHook } from '../guard/rate-limit.ts';
import { fetchMailbox } from '../mailbox/ask.ts';
import { readHook } from './hook-address.ts';

/** Header of the Bot API (setWebhook, `secret_token`). */
export const secretHeader = 'x-telegram-bot-api-secret-token';

export async function receiveTelegram(c: Context<EdgeContext>): Promise<Response> {
  const text = c.req.param('hook') ?? '';
  const hook = await readHook(c.var.keyring, text);
  if (hook === undefined) {
    await countAddress(c);
    throw new PryxError('not_found', 'There is nothing at this address.');
  }
  if (c.req.method !== 'POST') return refuseMethod('POST');
  await countHook(c, hook);
  const request = c.req.raw;
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? ''))
    throw new PryxError('unsupported_media_type', 'A webhook of Telegram is application/json.');
  checkAnnouncedLength(request.headers, maxBodyBytes);
  return fetchMailbox(c.env, hook.deviceId, `/telegram/${hook.bot}`, {
    method: 'POST',
    headers: pick(request.headers, [secretHeader, 'traceparent']),
    body: request.body,
  });
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) picked[name] = value;
  }
  return picked;
}
