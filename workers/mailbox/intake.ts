/** From a received body to a stored job: seal, number, sign, store. What arrives together is stored together (one transaction). */
import { PryxError } from '../../shared/error.ts';
import type { JobKind } from '../../shared/wire/job.ts';
import { jobLifetimeMs } from '../../shared/wire/limits.ts';
import type { Device, DeviceRecord } from './device.ts';
import type { Clock } from '../durable/ports.ts';
import type { Sealer } from './ports.ts';
import type { Queue, SignedJob } from './queue.ts';

export interface Arrival {
  /** Idempotency key. */
  id: string;
  kind: JobKind;
  traceparent: string;
  /** Byte for byte as received. */
  body: Uint8Array;
}

export interface Intake {
  /**
   * Resolves once the job that `read` gives is stored, or was before: `duplicate`. Of several at once with one id, one is stored and the
   * others share its fate. Throws `mailbox_full`, `not_found` when the mailbox was emptied since it was as `addressed`, and what reading,
   * sealing or storing throws; then nothing is stored.
   */
  take(addressed: Device, read: () => Promise<Arrival>): Promise<'stored' | 'duplicate'>;
}

interface Ready {
  arrival: Arrival;
  /** `emptied` of the mailbox that it was meant for. */
  emptied: number;
  /** Order of arrival. */
  number: number;
  stored(): void;
  failed(error: unknown): void;
}

/** Jobs that share a transaction at most: bounds how long the first of them waits for the last. */
const maxTogether = 64;

export function createIntake(deps: {
  device: Pick<DeviceRecord, 'find'>;
  queue: Queue;
  clock: Clock;
  sealer: Sealer;
  /** Called after each transaction. */
  onStored(jobs: readonly SignedJob[]): void;
}): Intake {
  const { queue, clock, sealer } = deps;
  const underway = new Map<string, Promise<void>>();
  const ready: Ready[] = [];
  let arrived = 0;
  let receiving = 0;
  let storing = false;

  async function take({ emptied }: Device, read: () => Promise<Arrival>): Promise<'stored' | 'duplicate'> {
    receiving += 1;
    let arrival: Arrival;
    try {
      arrival = await read();
    } finally {
      // In the same breath as `accept`: whoever looks in between would take the group for complete.
      receiving -= 1;
    }
    return accept(arrival, emptied);
  }

  async function accept(arrival: Arrival, emptied: number): Promise<'stored' | 'duplicate'> {
    const first = underway.get(arrival.id);
    if (first !== undefined) {
      await first;
      return 'duplicate';
    }
    if (queue.knows(arrival.id)) return 'duplicate';
    if (queue.isFull()) throw full();
    arrived += 1;
    const number = arrived;
    const work = new Promise<void>((stored, failed) => {
      ready.push({ arrival, emptied, number, stored, failed });
    }).finally(() => underway.delete(arrival.id));
    void storeReady();
    underway.set(arrival.id, work);
    await work;
    return 'stored';
  }

  async function storeReady(): Promise<void> {
    if (storing) return;
    storing = true;
    while (ready.length > 0) {
      if (receiving > 0) await clock.sleep(0);
      const batch = ready.splice(0, maxTogether).toSorted((a, b) => a.number - b.number);
      try {
        const { jobs, homeless, stray } = await store(batch);
        for (const item of batch) {
          if (stray.includes(item)) item.failed(gone());
          else if (homeless.some(({ id }) => id === item.arrival.id)) item.failed(full());
          else item.stored();
        }
        if (jobs.length > 0) deps.onStored(jobs);
      } catch (error) {
        for (const item of batch) item.failed(error);
      }
    }
    storing = false;
  }

  async function store(
    batch: readonly Ready[],
  ): Promise<{ jobs: SignedJob[]; homeless: SignedJob[]; stray: readonly Ready[] }> {
    let sealedFor: { sealingKey: string; emptied: number } | undefined;
    let sealed: string[] = [];
    for (;;) {
      const device = deps.device.find();
      const items = batch.filter(({ emptied }) => emptied === device?.emptied);
      const stray = batch.filter((item) => !items.includes(item));
      if (device === undefined || items.length === 0) return { jobs: [], homeless: [], stray };
      const { sealingKey, emptied } = device;
      if (sealedFor?.sealingKey !== sealingKey || sealedFor.emptied !== emptied)
        sealed = await Promise.all(items.map(({ arrival }) => sealer.seal(sealingKey, arrival.body)));
      sealedFor = { sealingKey, emptied };
      const last = queue.lastSequence();
      const { kid } = await sealer.signer();
      const jobs = await Promise.all(
        items.map(({ arrival }, index) => signJob(device, arrival, last + 1 + index, sealed[index] ?? '')),
      );
      // Meanwhile the device may have greeted, been let in anew or been revoked: sequence, issuer, key or the mailbox itself are others then.
      if (queue.lastSequence() === last && deps.device.find() === device)
        return { jobs, homeless: queue.append(jobs, kid), stray };
    }
  }

  async function signJob(device: Device, arrival: Arrival, seq: number, sealed: string): Promise<SignedJob> {
    const now = clock.now();
    const jws = await sealer.sign({
      iss: device.origin,
      aud: device.id,
      jti: arrival.id,
      seq,
      iat: now / 1000,
      exp: (now + jobLifetimeMs) / 1000,
      kind: arrival.kind,
      traceparent: arrival.traceparent,
      body: sealed,
    });
    return { seq, id: arrival.id, expiresAt: now + jobLifetimeMs, jws };
  }

  return { take };
}

/** What the address of a hook that is not registered is told. */
function gone(): PryxError {
  return new PryxError('not_found', 'There is nothing at this address.');
}

function full(): PryxError {
  return new PryxError('mailbox_full', 'The mailbox of this device is full.', {
    hint: 'Try again later: it empties when the device connects.',
  });
}
