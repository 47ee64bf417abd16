/** `GET /device`: a device asks how its mailbox stands. */
import type { Context } from 'hono';
import { read } from '../durable/answer.ts';
import type { EdgeContext } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';
import { authenticateDevice } from '../guard/authenticate-device.ts';
import { askMailbox } from './ask.ts';

export async function showDevice(c: Context<EdgeContext>): Promise<Response> {
  const { deviceId, ...caller } = await authenticateDevice(c);
  return answerJson(200, await read(askMailbox(c.env, deviceId).status(caller)));
}
