/** `GET /device`: a device asks how its mailbox stands. */
import type { Context } from 'hono';
import type { EdgeContext } from '../environment.ts';
import { authenticateDevice } from '../guard/authenticate-device.ts';
import { askMailbox, callerHeaders } from './ask.ts';

export async function showDevice(c: Context<EdgeContext>): Promise<Response> {
  const device = await authenticateDevice(c);
  return askMailbox(c.env, device.deviceId, '/device', { headers: callerHeaders(device) });
}
