/** How the stateless Worker speaks to the mailbox of one device. */
import * as z from 'zod';
import { type ErrorCode, PryxError, errorCodes } from '../../shared/error.ts';
import type { Env } from '../environment.ts';
import type { Caller } from './device.ts';

/** Headers by which the Worker hands on what it has checked of a request: the id of the proof, and when the token was issued. Nothing but the Worker can reach a mailbox. */
export const proofHeader = 'x-pryx-proof';
export const issuedHeader = 'x-pryx-issued';
/** Header by which the Worker says whose mailbox this is. */
export const deviceHeader = 'x-pryx-device';

export const callerHeaders = ({ proofId, issuedAt }: Caller): Record<string, string> => ({
  [proofHeader]: proofId,
  [issuedHeader]: String(issuedAt),
});

export async function askMailbox(env: Env, deviceId: string, path: string, init: RequestInit): Promise<Response> {
  return env.MAILBOX.getByName(deviceId).fetch(`https://mailbox${path}`, init);
}

/** Lets a device in that its owner has approved. Again is no error; what is queued stays. Tokens that were issued before are dead. */
export async function admitDevice(
  env: Env,
  device: { deviceId: string; sealingKey: string; origin: string },
): Promise<void> {
  await mustSucceed(env, device.deviceId, '/admit', { sealing_key: device.sealingKey, origin: device.origin });
}

/**
 * The link drops with `revoked`, and tokens are refused. With `empty`, hooks and whatever is queued are gone; without, messages go on being
 * kept until the device is let in again. Again is no error, and neither is a device that was never let in.
 */
export async function revokeMailbox(env: Env, deviceId: string, options: { empty: boolean }): Promise<void> {
  await mustSucceed(env, deviceId, '/revoke', options);
}

/** Takes a proof whose request does not end in the mailbox, and sees whether the device may still ask. Throws `not_paired`, `revoked`, `bad_proof`. */
export async function takeProof(env: Env, deviceId: string, proof: Caller): Promise<void> {
  await mustSucceed(env, deviceId, '/proof', { proofId: proof.proofId, issuedAt: proof.issuedAt });
}

/** How the mailbox stands, for the owner's list of devices. */
export async function readContact(env: Env, deviceId: string): Promise<Contact> {
  return contact.parse(await (await mustSucceed(env, deviceId, '/contact', {})).json());
}

const contact = z.object({ connected: z.boolean(), last_contact: z.number().nullable() });
export type Contact = z.infer<typeof contact>;

async function mustSucceed(env: Env, deviceId: string, path: string, body: unknown): Promise<Response> {
  const answer = await askMailbox(env, deviceId, path, {
    method: 'POST',
    headers: { [deviceHeader]: deviceId },
    body: JSON.stringify(body),
  });
  if (answer.ok) return answer;
  const { error } = errorAnswer.parse(await answer.json());
  throw new PryxError(error.code, error.message, error.hint === undefined ? {} : { hint: error.hint });
}

const errorAnswer = z.object({
  error: z.object({
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    hint: z.string().optional(),
  }),
});
