/** `POST`, `GET` and `DELETE /pairing` on the daemon's socket: begin to pair this device with an edge, see how it stands, give it up. */
import * as z from 'zod';

/** `edge`: default PRYX_EDGE_URL, or the edge of before. `name`: default the host's. `again`: even though it is paired already. */
export const startPairingRequest = z.strictObject({
  edge: z.string().max(2048).optional(),
  name: z.string().max(1024).optional(),
  again: z.boolean().optional(),
});
export type StartPairingRequest = z.infer<typeof startPairingRequest>;

export const pairingState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('none') }),
  z.object({
    state: z.literal('waiting'),
    edge: z.string(),
    user_code: z.string(),
    verification_uri: z.string(),
    verification_uri_complete: z.string(),
    device_name: z.string(),
    platform: z.string(),
    /** Fingerprint of this device's key: the approval page shows the same. */
    words: z.array(z.string()),
    /** Milliseconds since the epoch. A `paired_at` before `started_at` is that of another pairing. */
    started_at: z.number().optional(),
    expires_at: z.number(),
  }),
  z.object({ state: z.literal('paired'), edge: z.string(), device_id: z.string(), paired_at: z.number() }),
  z.object({
    state: z.literal('failed'),
    edge: z.string(),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  }),
]);
export type PairingState = z.infer<typeof pairingState>;
