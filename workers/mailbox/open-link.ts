/** `GET /link` at the public face: the upgrade is asked for properly, by a device that proves who it is; then its mailbox takes the socket. */
import type { Context } from 'hono';
import { PryxError, errorBody } from '../../shared/error.ts';
import { linkProtocol } from '../../shared/wire/version.ts';
import type { EdgeContext } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';
import { authenticateDevice } from '../guard/authenticate-device.ts';
import { callerHeaders, fetchMailbox } from './ask.ts';

export async function openLink(c: Context<EdgeContext>): Promise<Response> {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    const error = new PryxError('bad_request', 'This address takes WebSocket connections alone.');
    // RFC 9110, section 15.5.22
    return answerJson(426, errorBody(error), { upgrade: 'websocket', connection: 'upgrade' });
  }
  const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(linkProtocol))
    throw new PryxError('bad_request', `The subprotocol ${linkProtocol} was not offered.`, {
      hint: 'Device and edge may be of different versions: update the older one.',
    });
  const { deviceId, ...caller } = await authenticateDevice(c);
  return fetchMailbox(c.env, deviceId, '/link', { headers: { upgrade: 'websocket', ...callerHeaders(caller) } });
}
