/** The devices of an edge's owner: `GET /devices`, `PATCH /devices/:id`, `DELETE /devices/:id` of the edge, each with `Authorization: DPoP`; the daemon passes them on. */
import * as z from 'zod';
import { shownName } from '../pairing/names.ts';

export const deviceEntry = z.object({
  device_id: z.string(),
  name: z.string(),
  platform: z.string(),
  /** Fingerprint of its key, in words. */
  words: z.array(z.string()),
  /** The device that asks. */
  current: z.boolean(),
  state: z.enum(['paired', 'revoked']),
  /** Why it is revoked: by its owner, by itself, because a refresh token came twice, or because somebody who had a token gave it up (RFC 7009). */
  revoked_because: z.enum(['owner', 'device', 'token_reuse', 'token_revoked']).nullable(),
  connected: z.boolean(),
  /** Milliseconds since the epoch. */
  paired_at: z.number(),
  last_contact: z.number().nullable(),
});
export type DeviceEntry = z.infer<typeof deviceEntry>;
export const devicesResponse = z.object({ devices: z.array(deviceEntry) });
export type DevicesResponse = z.infer<typeof devicesResponse>;

export const renameDeviceRequest = z.strictObject({ name: shownName });
