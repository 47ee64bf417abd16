/** `GET /devices`, `PATCH /devices/:id`, `DELETE /devices/:id`: a paired device lists, renames and revokes its owner's devices. It can approve none (docs/decisions/050). */
import type { Context } from 'hono';
import { type DeviceEntry, type DevicesResponse, renameDeviceRequest } from '../../shared/api/devices.ts';
import { PryxError } from '../../shared/error.ts';
import { fingerprintWords } from '../../shared/pairing/fingerprint.ts';
import { read } from '../durable/answer.ts';
import type { EdgeContext, Env } from '../environment.ts';
import { answerEmpty, answerJson } from '../guard/answer.ts';
import { authenticateDevice } from '../guard/authenticate-device.ts';
import { readBoundedJson } from '../guard/bounded-body.ts';
import { askMailbox } from '../mailbox/ask.ts';
import type { Contact } from '../mailbox/mailbox-api.ts';
import { askAccount } from './account/ask-account.ts';
import type { Actor, RegisteredDevice } from './account/device-registry.ts';

const maxRequestBytes = 8 * 1024;

export async function listDevices(c: Context<EdgeContext>): Promise<Response> {
  const caller = await admitCaller(c);
  const devices = await read(askAccount(c.env).devices());
  const entries = await Promise.all(
    devices.map(async (device) => describe(device, await contactOf(c.env, device.deviceId), caller)),
  );
  return answerJson(200, { devices: entries } satisfies DevicesResponse);
}

export async function renameDevice(c: Context<EdgeContext>): Promise<Response> {
  const caller = await admitCaller(c);
  const parsed = renameDeviceRequest.safeParse(await readBoundedJson(c.req.raw, maxRequestBytes));
  if (!parsed.success) throw new PryxError('bad_request', 'This is not a name that a device can have.');
  await read(askAccount(c.env).renameDevice({ deviceId: readId(c), name: parsed.data.name, by: actor(caller) }));
  return answerEmpty(204);
}

export async function revokeDevice(c: Context<EdgeContext>): Promise<Response> {
  const caller = await admitCaller(c);
  await read(askAccount(c.env).revokeDevice({ deviceId: readId(c), by: actor(caller) }));
  return answerEmpty(204);
}

/** Token and proof are good, the proof is new, and the device is one that may still ask. */
async function admitCaller(c: Context<EdgeContext>): Promise<string> {
  const { deviceId, ...caller } = await authenticateDevice(c);
  await read(askMailbox(c.env, deviceId).takeProof(caller));
  return deviceId;
}

const actor = (deviceId: string): Actor => ({ kind: 'device', deviceId });

const readId = (c: Context<EdgeContext>): string => c.req.param('id') ?? '';

/** A mailbox that does not answer does not hide the others. */
const contactOf = (env: Env, deviceId: string): Promise<Contact> =>
  read(askMailbox(env, deviceId).contact()).catch(() => ({ connected: false, last_contact: null }));

const describe = (device: RegisteredDevice, contact: Contact, caller: string): DeviceEntry => ({
  device_id: device.deviceId,
  name: device.name,
  platform: device.platform,
  words: fingerprintWords(device.deviceId),
  current: device.deviceId === caller,
  state: device.state,
  revoked_because: device.revokedBecause,
  connected: contact.connected,
  paired_at: device.pairedAt,
  last_contact: contact.last_contact,
});
