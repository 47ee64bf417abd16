/** `PUT /hooks/telegram/:bot`: a device says which secret its bot's webhook carries, and learns the address to give to Telegram. */
import type { Context } from 'hono';
import { PryxError } from '../../shared/error.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';
import { authenticateDevice } from '../guard/authenticate-device.ts';
import { askMailbox, callerHeaders } from '../mailbox/ask.ts';
import { botId, makeHook } from './hook-address.ts';

export async function registerTelegramHook(c: Context<EdgeContext>): Promise<Response> {
  const bot = c.req.param('bot') ?? '';
  if (!botId.test(bot)) throw new PryxError('not_found', 'This is not the id of a bot.');
  const device = await authenticateDevice(c);
  const answer = await askMailbox(c.env, device.deviceId, `/hooks/telegram/${bot}`, {
    method: 'PUT',
    headers: callerHeaders(device),
    body: c.req.raw.body,
  });
  if (!answer.ok) return answer;
  const hook = await makeHook(c.var.keyring, { deviceId: device.deviceId, bot });
  return answerJson(200, { url: `${readOrigin(c.env, c.req.url)}/telegram/${hook}` });
}
