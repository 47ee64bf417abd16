/** `GET /status` of the daemon: what `pryx status --json` prints. */
import * as z from 'zod';
import { mailboxStatus } from './edge.ts';

const lastError = z
  .object({ code: z.string(), message: z.string(), hint: z.string().optional(), at: z.number() })
  .nullable();

export const statusResponse = z.object({
  version: z.string(),
  daemon: z.object({
    pid: z.int(),
    state: z.enum(['starting', 'ready', 'degraded', 'stopping']),
    /** Milliseconds since the epoch. */
    startedAt: z.number(),
    rssBytes: z.int(),
    home: z.string(),
    port: z.int().nullable(),
  }),
  database: z.object({
    state: z.enum(['ok', 'replaced']),
    version: z.int(),
    bytes: z.int(),
    /** Where a damaged database was set aside, if that happened at this start. */
    setAside: z.string().nullable(),
  }),
  link: z.object({
    state: z.enum(['off', 'connecting', 'up', 'down']),
    edge: z.string().nullable(),
    deviceId: z.string().nullable(),
    lastError,
    /** The mailbox as the edge tells it, when it was asked for and could be reached. */
    mailbox: mailboxStatus.nullable(),
  }),
  channels: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['off', 'starting', 'up', 'down']),
      mode: z.enum(['webhook', 'polling', 'none']),
      account: z.string().nullable(),
      lastError,
    }),
  ),
  model: z.object({
    provider: z.string(),
    model: z.string().nullable(),
    state: z.enum(['offline', 'ok', 'failing']),
    lastError,
  }),
  queue: z.object({ inbox: z.int(), turns: z.int(), outbox: z.int(), inDoubt: z.int(), failed: z.int() }),
});
export type StatusResponse = z.infer<typeof statusResponse>;

/** `GET /healthz` and `GET /readyz`, on edge and daemon alike. 200 when every check is `ok`, otherwise 503. */
export const healthResponse = z.object({
  status: z.enum(['ok', 'unhealthy']),
  checks: z.record(
    z.string(),
    z.object({ status: z.enum(['ok', 'degraded', 'failed', 'off']), message: z.string().optional() }),
  ),
});
export type HealthResponse = z.infer<typeof healthResponse>;
