/** `PUT /hooks/telegram/:bot`: a device says which secret its bot's webhook carries, and learns the address to give to Telegram. */
import type { Context } from 'hono';
import { PryxError } from '../../shared/error.ts';
import { read } from '../durable/answer.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';
import { authenticateDevice } from '../guard/authenticate-device.ts';
import { readBoundedJson } from '../guard/bounded-body.ts';
import { askMailbox } from '../mailbox/ask.ts';
import { botId, makeHook } from './hook-address.ts';

/** Room for 256 users and a secret. */
const maxRequestBytes = 16 * 1024;

export async function registerTelegramHook(c: Context<EdgeContext>): Promise<Response> {
  const bot = c.req.param('bot') ?? '';
  if (!botId.test(bot)) throw new PryxError('not_found', 'This is not the id of a bot.');
  const { deviceId, ...caller } = await authenticateDevice(c);
  const body = await readBoundedJson(c.req.raw, maxRequestBytes);
  await read(askMailbox(c.env, deviceId).registerHook({ caller, bot, body }));
  const hook = await makeHook(c.var.keyring, { deviceId, bot });
  return answerJson(200, { url: `${readOrigin(c.env, c.req.url)}/telegram/${hook}` });
}
