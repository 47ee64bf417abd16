/** What arrived, before anybody acts on it: which channel it belongs to, and which lane. */
import type { JobKind } from '../../shared/wire/job.ts';
import { laneOf } from '../core/address.ts';
import type { Channel } from '../core/channel.ts';
import type { Incoming } from '../core/incoming.ts';

/** One inbound request, by the edge or by polling. Times in milliseconds since the epoch. */
export interface ReceivedJob {
  /** Idempotency key. */
  id: string;
  kind: JobKind;
  /** Position in the edge's mailbox; null when it did not come by the edge. */
  seq: number | null;
  traceparent: string;
  body: Uint8Array;
  madeAt: number;
  receivedAt: number;
}

export type ReadJob = { channel: string; lane: string } & (
  | { state: 'new'; incoming: Incoming }
  | { state: 'ignored'; error: null }
  /** Its channel is not set up at this start; it may be at the next. */
  | { state: 'waiting' }
  | { state: 'failed'; error: string }
);

const channelOf: Record<JobKind, string> = { 'telegram.update': 'telegram' };

/** Never throws: what cannot be read is recorded as such and acknowledged, or it would come back for ever. */
export function readJob(job: ReceivedJob, channels: ReadonlyMap<string, Channel>): ReadJob {
  const name = channelOf[job.kind];
  const channel = channels.get(name);
  const nowhere = { channel: name, lane: `${name}:` };
  if (channel === undefined) return { ...nowhere, state: 'waiting' };
  try {
    const incoming = channel.read(job.body);
    if (incoming === undefined) return { ...nowhere, state: 'ignored', error: null };
    return { channel: name, lane: laneOf(incoming.address), state: 'new', incoming };
  } catch {
    return { ...nowhere, state: 'failed', error: 'bad_request' };
  }
}
