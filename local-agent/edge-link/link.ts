/** The line to the edge: one outbound WebSocket, kept up; jobs in, acknowledgements out once they are durable. */
import { PryxError, toPryxError } from '../../shared/error.ts';
import { type DeviceFrame, type byeCodes, closeCodes, edgeFrame, parseFrame } from '../../shared/wire/frame.ts';
import { heartbeat, linkProtocol } from '../../shared/wire/version.ts';
import type { ChannelError } from '../core/channel.ts';
import type { OpenEdgeSocket } from '../core/edge-socket.ts';
import type { Random } from '../core/random.ts';
import { type ReceiverDeps, createReceiver } from './receive-jobs.ts';
import { reconnectDelay } from './reconnect.ts';
import type { EdgeTrust } from './verify-job.ts';

export interface LinkState {
  state: 'off' | 'connecting' | 'up' | 'down';
  lastError: ChannelError | null;
}

export interface LinkDeps extends Pick<ReceiverDeps, 'accept' | 'defer' | 'clock' | 'log'> {
  openSocket: OpenEdgeSocket;
  /** What to trust and how to sign in; may throw, and is asked again at the next attempt. */
  authorise(): Promise<{ url: string; headers: Record<string, string>; trust: EdgeTrust }>;
  /** The edge did not take the credentials: do not offer them again. */
  forgetCredentials(): void;
  /** The edge tells of its signing keys: gives what to trust from now on, durably, or `undefined` when that stays as it is. */
  acceptKeys(statement: string): EdgeTrust | undefined;
  /** This device was revoked. The link does not call again. */
  onRevoked(): void;
  /** Highest sequence that is durable here. */
  have(): number;
  random: Random;
}

const heartbeatMs = 25_000;
const silenceMs = 10_000;
/** A connection that lasted this long is followed by another without delay. */
const steadyMs = 10_000;

export function createLink(deps: LinkDeps) {
  const { clock, log } = deps;
  const stopping = new AbortController();
  /** It is of no use to call again before this device is paired anew. */
  let revoked = false;
  let current: LinkState = { state: 'off', lastError: null };
  let running: Promise<void> | undefined;
  /** A job looked expired. Signing in anew compares the clocks; only then is one refused for it. */
  let clockInDoubt = false;
  /** How often in a row the edge did not take the credentials. */
  let refusals = 0;

  function failed(error: PryxError): void {
    current = {
      state: 'down',
      lastError: { code: error.code, message: error.message, at: clock.now(), ...(error.hint && { hint: error.hint }) },
    };
    log.warn('link.down', { code: error.code, message: error.message });
  }

  function shutOut(error = revokedError()): void {
    if (revoked || stopping.signal.aborted) return;
    revoked = true;
    failed(error);
    deps.onRevoked();
  }

  async function run(): Promise<void> {
    let attempt = 0;
    while (!stopping.signal.aborted && !revoked) {
      current = { ...current, state: 'connecting' };
      try {
        const entry = await unlessStopped(deps.authorise());
        if (stopping.signal.aborted) break;
        const clockCompared = clockInDoubt;
        clockInDoubt = false;
        const held = await session(entry, clockCompared);
        // The first time, others are offered without delay.
        attempt = held || refusals === 1 ? 0 : attempt + 1;
      } catch (error) {
        if (stopping.signal.aborted) break;
        const known = toPryxError(error);
        if (known.code === 'revoked') shutOut(known);
        else failed(known);
        attempt += 1;
      }
      if (revoked) return;
      await clock.sleep(reconnectDelay(attempt, deps.random.fraction()), stopping.signal).catch(() => undefined);
    }
    current = { ...current, state: 'off' };
  }

  /** Settles as `work` does, or rejects as soon as the link is stopped: an edge that hangs must not hold up the end of the daemon. */
  function unlessStopped<T>(work: Promise<T>): Promise<T> {
    const stopped = Promise.withResolvers<never>();
    const leave = (): void => stopped.reject(stopping.signal.reason);
    stopping.signal.addEventListener('abort', leave);
    return Promise.race([work, stopped.promise]).finally(() => stopping.signal.removeEventListener('abort', leave));
  }

  /** One connection from open to close. Resolves to whether it held: one that ends as soon as it is up is no better than none. */
  function session(
    { url, headers, trust }: Awaited<ReturnType<LinkDeps['authorise']>>,
    clockCompared: boolean,
  ): Promise<boolean> {
    return new Promise((resolve) => {
      const over = new AbortController();
      let upAt: number | undefined;
      let heardAt = clock.now();
      /** A job under a pinned key came over this connection. */
      let keyKnown = false;
      /** Why it was ended with jobs that were not taken. */
      let held: PryxError | undefined;
      const send = (frame: DeviceFrame): void => socket.send(JSON.stringify(frame));
      const giveUp = (): void => socket.close(closeCodes.notStored, 'not stored');
      const receiver = createReceiver({
        ...deps,
        trust,
        send,
        giveUp,
        accept(jobs) {
          if (!clockCompared && jobs.some((job) => !job.ok && job.code === 'expired')) {
            clockInDoubt = true;
            deps.forgetCredentials();
            throw new PryxError('clock_wrong', 'A job looks expired: the clocks are compared before it is refused.');
          }
          keyKnown ||= jobs.some(({ ok }) => ok);
          // The edge signs all that waits anew at each greeting, so now its signer is a stranger: a mistake in its set-up that can be undone,
          // or an attacker. Refused, these messages would be lost; so they wait at the edge.
          if (!keyKnown && jobs.some((job) => !job.ok && job.code === 'unknown_key')) throw (held = foreignKey());
          if (keyKnown && current.lastError?.code === 'bad_job') current = { ...current, lastError: null };
          return deps.accept(jobs);
        },
      });

      const socket = deps.openSocket(
        url,
        { protocol: linkProtocol, headers },
        {
          opened() {
            upAt = clock.now();
            refusals = 0;
            current = { ...current, state: 'up' };
            log.info('link.up');
            send({ type: 'hello', have: deps.have() });
            void beat();
          },
          received(text) {
            heardAt = clock.now();
            if (text !== heartbeat.pong) receive(text);
          },
          closed({ code, message, status, errorCode }) {
            over.abort();
            stopping.signal.removeEventListener('abort', leave);
            if (status === 401 || code === closeCodes.unauthorized) {
              refusals += 1;
              deps.forgetCredentials();
            }
            if (code === closeCodes.revoked || errorCode === 'revoked') shutOut();
            if (!revoked && !stopping.signal.aborted)
              failed(held ?? new PryxError('edge_unreachable', message, { hint: hintFor(status ?? code) }));
            resolve(upAt !== undefined && clock.now() - upAt >= steadyMs);
          },
        },
      );

      function receive(text: string): void {
        try {
          const frame = parseFrame(edgeFrame, text);
          if (frame.type === 'job') receiver.take(frame);
          else if (frame.type === 'keys') followKeys(frame.statement);
          else leaveTaking(frame.code);
        } catch (error) {
          log.error('link.bad_frame', error);
          socket.close(closeCodes.protocolError, 'bad frame');
        }
      }

      /** What cannot be kept must not be used: the connection ends, and the edge says it again at the next. */
      function followKeys(statement: string): void {
        try {
          const next = deps.acceptKeys(statement);
          if (next !== undefined) receiver.trust(next);
        } catch (error) {
          log.error('link.keys_not_kept', error);
          receiver.giveUp();
        }
      }

      /** The edge says why it is about to hang up. */
      function leaveTaking(why: (typeof byeCodes)[number]): void {
        log.warn('link.bye', { code: why });
        if (why !== 'revoked') return;
        shutOut();
        socket.close(1000, 'revoked');
      }

      /** A dead line shows only by silence: nothing heard for a while after a ping ends it. */
      async function beat(): Promise<void> {
        try {
          for (;;) {
            await clock.sleep(heartbeatMs, over.signal);
            const askedAt = clock.now();
            socket.send(heartbeat.ping);
            await clock.sleep(silenceMs, over.signal);
            if (heardAt < askedAt) return socket.close(closeCodes.protocolError, 'silence');
          }
        } catch {
          // The connection is over.
        }
      }

      const leave = (): void => socket.close(1000, 'stopping');
      stopping.signal.addEventListener('abort', leave);
    });
  }

  return {
    start(): void {
      running ??= run();
    },
    async stop(): Promise<void> {
      stopping.abort();
      await running;
    },
    state: (): LinkState => current,
  };
}

const revokedError = (): PryxError =>
  new PryxError('revoked', 'This device was revoked at its edge: messages do not reach it any more.', {
    hint: 'Pair it again with `pryx pair`, if you want it back.',
  });

const foreignKey = (): PryxError =>
  new PryxError(
    'bad_job',
    'The messages are signed with a key that this device does not know. They wait at the edge.',
    {
      hint: 'Was the edge given new keys without `pryx edge rotate-key`? Then pair again: pryx pair --again. If not, somebody else may run it.',
    },
  );

function hintFor(code: number): string {
  if (code === 401 || code === closeCodes.unauthorized) return 'The edge does not know this device: pair it again.';
  if (code === closeCodes.superseded) return 'Another daemon is using the keys of this device: run only one.';
  return 'It is tried again by itself. Check PRYX_EDGE_URL and the network if it stays.';
}
