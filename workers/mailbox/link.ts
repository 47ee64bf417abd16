/** The link as the edge sees it: what each frame of a device does, and which jobs go out when (docs/protocol.md). */
import { type DeviceFrame, type EdgeFrame, closeCodes, deviceFrame, parseFrame } from '../../shared/wire/frame.ts';
import { toPryxError } from '../../shared/error.ts';
import { maxInFlight } from '../../shared/wire/limits.ts';
import { logInternal } from '../guard/log.ts';
import type { Clock, Sql } from '../durable/ports.ts';
import type { DeviceRecord } from './device.ts';
import type { LinkSocket, LinkState, Sealer, Sockets } from './ports.ts';
import type { Queue, QueuedJob, SignedJob } from './queue.ts';
import { moveBeyond, renewSignatures } from './resign-jobs.ts';

export interface Link {
  /** Tells whoever is there that the device is revoked, and hangs up: for good, and after a sleep as well. */
  dropRevoked(): void;
  /** Forgets the device's audit checkpoint. To be called in a transaction. */
  empty(): void;
  /** A new socket, accepted and authenticated. Whatever socket was there before is superseded. */
  open(socket: LinkSocket): void;
  frame(socket: LinkSocket, data: string | ArrayBuffer): Promise<void>;
  /** Sends what may be sent now. `fresh`: jobs just stored, so that they need not be read back. */
  push(fresh?: readonly SignedJob[]): void;
  connected(): boolean;
  inFlight(): number;
  /** When the device was heard last over a socket that is still open. */
  lastHeard(): number | null;
}

/** Bytes that may be under way besides the count: an object has 128 MB of memory, and a frame is in it more than once. */
export const maxInFlightBytes = 8 * 1024 * 1024;
/** Sequences begin at the clock and grow by one a job, so no true one comes near; beyond it, JSON could not carry them for long. */
const maxSequence = 2 ** 52;
/** A device is to send a heartbeat every 30 seconds; after three it counts as offline, though its socket may yet live. */
const silenceMs = 90_000;
/** RFC 6455, section 7.4.1 */
const internalError = 1011;

export function createLink(deps: {
  sql: Sql;
  queue: Queue;
  clock: Clock;
  sockets: Sockets;
  sealer: Sealer;
  device: Pick<DeviceRecord, 'find'>;
  /** The device has greeted. */
  onGreeted(): void;
}): Link {
  const { sql, queue, clock, sockets, device } = deps;
  /** Greetings at work: what comes over the same socket meanwhile waits, so that frames are obeyed in order. */
  const greetings = new WeakMap<LinkSocket, Promise<void>>();
  const isRevoked = (): boolean => device.find()?.revoked !== false;

  function open(socket: LinkSocket): void {
    socket.touch(clock.now());
    socket.keep({ phase: 'new', sent: 0 });
    for (const other of sockets.all()) {
      if (other !== socket && other.state().phase !== 'gone') dismiss(other, 'superseded', closeCodes.superseded);
    }
  }

  function dropRevoked(): void {
    if (!isRevoked()) return;
    for (const socket of sockets.all()) {
      if (socket.state().phase !== 'gone') dismiss(socket, 'revoked', closeCodes.revoked);
    }
  }

  async function frame(socket: LinkSocket, data: string | ArrayBuffer): Promise<void> {
    const greeting = greetings.get(socket);
    if (greeting !== undefined) await greeting;
    const state = socket.state();
    if (state.phase === 'gone') return;
    if (isRevoked()) return dismiss(socket, 'revoked', closeCodes.revoked);
    let read: DeviceFrame;
    try {
      read = parseFrame(deviceFrame, typeof data === 'string' ? data : '');
    } catch (error) {
      const tooLarge = toPryxError(error).code === 'too_large';
      dismiss(socket, 'protocol_error', tooLarge ? closeCodes.tooLarge : closeCodes.protocolError);
      return;
    }
    socket.touch(clock.now());
    try {
      if (!(await obey(socket, state, read))) dismiss(socket, 'protocol_error', closeCodes.protocolError);
    } catch (error) {
      // Left open, the link would look well and carry nothing: the device comes back, and greeting it begins anew.
      logInternal(toPryxError(error));
      socket.keep({ ...socket.state(), phase: 'gone' });
      socket.close(internalError, 'internal error');
    }
  }

  /** Returns false for a frame that makes no sense now. */
  async function obey(socket: LinkSocket, state: LinkState, read: DeviceFrame): Promise<boolean> {
    if (read.type === 'hello') return greet(socket, state, read.have);
    if (state.phase !== 'up') return false;
    if (read.type === 'checkpoint') {
      keepCheckpoint(read.size, read.root);
      return true;
    }
    // Nobody can hold what was not sent: such a word would make us forget a job that the device never saw.
    if (read.seq > state.sent) return false;
    if (read.type === 'ack') queue.settle(read.seq);
    else queue.refuse(read.seq, read.code);
    push();
    return true;
  }

  async function greet(socket: LinkSocket, state: LinkState, have: number): Promise<boolean> {
    if (state.phase !== 'new' || have > maxSequence) return false;
    const greeted = Promise.withResolvers<void>();
    greetings.set(socket, greeted.promise);
    try {
      const { statements } = await deps.sealer.signer();
      await moveBeyond(have, deps);
      await renewSignatures(deps);
      // Superseded meanwhile, or revoked.
      if (socket.state().phase !== 'new') return true;
      queue.settle(have);
      socket.keep({ ...state, phase: 'up', sent: have });
      // First of all, so that the device has pinned the key by which the jobs are signed that follow.
      for (const statement of statements) socket.send(JSON.stringify({ type: 'keys', statement } satisfies EdgeFrame));
      deps.onGreeted();
      push();
      return true;
    } finally {
      greetings.delete(socket);
      greeted.resolve();
    }
  }

  function push(fresh: readonly SignedJob[] = []): void {
    const socket = current();
    if (socket === undefined) return;
    const state = socket.state();
    const waiting = queue.waiting();
    let index = indexAfter(waiting, state.sent);
    let bytes = sumBytes(waiting, index);
    let { sent } = state;
    for (; index < Math.min(waiting.length, maxInFlight); index += 1) {
      const job = waiting[index];
      if (job === undefined || (index > 0 && bytes + job.bytes > maxInFlightBytes)) break;
      const jws = fresh.find(({ seq }) => seq === job.seq)?.jws ?? queue.read(job.seq);
      socket.send(JSON.stringify({ type: 'job', seq: job.seq, jws } satisfies EdgeFrame));
      sent = job.seq;
      bytes += job.bytes;
    }
    if (sent !== state.sent) socket.keep({ ...state, sent });
  }

  const current = () => sockets.all().find((socket) => socket.state().phase === 'up');
  function keepCheckpoint(size: number, root: string): void {
    // The log of the device only grows: an older checkpoint never replaces a newer one.
    sql.all(
      `insert into checkpoint values (1, ?, ?, ?) on conflict do update
        set size = excluded.size, root = excluded.root, at = excluded.at where excluded.size > checkpoint.size`,
      size,
      root,
      clock.now(),
    );
  }

  return {
    dropRevoked,
    empty: () => void sql.all('delete from checkpoint'),
    open,
    frame,
    push,
    connected() {
      const socket = current();
      return socket !== undefined && clock.now() - socket.heardAt() < silenceMs;
    },
    inFlight() {
      const socket = current();
      return socket === undefined ? 0 : indexAfter(queue.waiting(), socket.state().sent);
    },
    lastHeard() {
      const socket = current();
      return socket === undefined ? null : socket.heardAt();
    },
  };
}

/** How many of the waiting jobs have been sent: those up to `seq`. At most as many as may be under way. */
function indexAfter(waiting: readonly QueuedJob[], seq: number): number {
  const index = waiting.findIndex((job) => job.seq > seq);
  return index === -1 ? waiting.length : index;
}

function sumBytes(waiting: readonly QueuedJob[], count: number): number {
  let bytes = 0;
  for (let index = 0; index < count; index += 1) bytes += waiting[index]?.bytes ?? 0;
  return bytes;
}

/** Says why, and closes. What still comes from this socket is not listened to. */
function dismiss(socket: LinkSocket, bye: 'superseded' | 'revoked' | 'protocol_error', code: number): void {
  socket.keep({ ...socket.state(), phase: 'gone' });
  socket.send(JSON.stringify({ type: 'bye', code: bye } satisfies EdgeFrame));
  socket.close(code, bye);
}
