/** `GET /jobs/:id/trace` of the daemon's socket: when one inbound job passed each hop, for `--trace`. */
import * as z from 'zod';

/** The hops in the order that a message takes them. */
export const hopNames = [
  'made',
  'received',
  'stored',
  'turn_started',
  'first_token',
  'turn_finished',
  'placed',
  'sent',
] as const;

export const jobTrace = z.object({
  job: z.string(),
  /** `working` until every message of the answer stands in the channel. */
  state: z.enum(['unknown', 'working', 'answered', 'ignored', 'failed']),
  /** Milliseconds since the epoch, with a fraction. `made` is the edge's clock: whole milliseconds, and it stands still while it computes. */
  hops: z.array(z.object({ name: z.enum(hopNames), at: z.number() })),
});
export type JobTrace = z.infer<typeof jobTrace>;
