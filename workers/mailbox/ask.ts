/** How the stateless Worker speaks to the mailbox of one device. */
import type { Env } from '../environment.ts';

/** Header by which the Worker hands on the id of a proof that it has checked. Nothing but the Worker can reach a mailbox. */
export const proofHeader = 'x-pryx-proof';
/** Header by which the Worker says whose mailbox this is, and at which origin. */
export const deviceHeader = 'x-pryx-device';
export const originHeader = 'x-pryx-origin';

export async function askMailbox(env: Env, deviceId: string, path: string, init: RequestInit): Promise<Response> {
  return env.MAILBOX.getByName(deviceId).fetch(`https://mailbox${path}`, init);
}
