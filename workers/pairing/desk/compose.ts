/** The desk, over its ports: codes are given out, shown to the owner, decided, polled for and forgotten (RFC 8628). */
import { base64url } from 'jose';
import { PryxError } from '../../../shared/error.ts';
import { groupCode, makeCode, readCode, userCodeLength } from '../../../shared/pairing/user-code.ts';
import { migrate } from '../../durable/migrate.ts';
import type { Alarm, Clock, Random, Sql } from '../../durable/ports.ts';
import { digestText } from '../../guard/equal-bytes.ts';
import type { CodeRequest, DeskCore, PollOutcome } from './desk-api.ts';
import { choosePairingToDrop } from './make-room.ts';
import { type Pairing, createPairings } from './pairings.ts';
import { deskMigrations } from './schema.ts';

export interface ComposedDesk {
  core: DeskCore;
  /** The alarm. Never throws. */
  sweep(): void;
}

/** Seconds (RFC 8628, sections 3.2 and 3.5). */
const codeSeconds = 600;
const firstInterval = 5;
const widenBy = 5;
/** Timers fire a little early, and a request may be faster than the one before it. */
const earlyMs = 1000;

const maxPerNetwork = 5;
/** Beyond, the oldest of the most crowded block of addresses makes way. */
const maxInAll = 200;
const retrySweepMs = 60_000;

export function createDesk(ports: { sql: Sql; clock: Clock; random: Random; alarm: Alarm }): ComposedDesk {
  const { sql, clock, random, alarm } = ports;
  migrate(sql, deskMigrations);
  const pairings = createPairings({ sql, clock });

  function makeRoom({ deviceId, place }: CodeRequest): void {
    const waiting = pairings.listPending();
    let dropped: string | undefined;
    // On a developer's machine nobody has an address.
    if (place.network !== null && pairings.countLive(place.network) >= maxPerNetwork)
      // Somebody who began again and again: only who asks from the same network takes anything away from a device.
      dropped = waiting.find((other) => other.deviceId === deviceId && other.network === place.network)?.id;
    else if (pairings.countLive() >= maxInAll) dropped = choosePairingToDrop(waiting, place);
    else return;
    if (dropped === undefined) throw tooMany();
    pairings.forget(dropped);
  }

  function freeUserCode(): string {
    for (;;) {
      const code = makeCode(random, userCodeLength, userCodeLength);
      if (!pairings.hasUserCode(code)) return code;
    }
  }

  function judge(pairing: Pairing): PollOutcome {
    if (pairing.state === 'denied') return { state: 'access_denied' };
    const now = clock.now();
    if (pairing.expiresAt <= now) return { state: 'expired_token' };
    if (pairing.state === 'approved') return { state: 'approved', device: pairings.readApproved(pairing.id) };
    const tooSoon = pairing.polledAt !== null && now - pairing.polledAt < pairing.interval * 1000 - earlyMs;
    pairings.notePoll(pairing.id, tooSoon ? pairing.interval + widenBy : pairing.interval);
    return { state: tooSoon ? 'slow_down' : 'authorization_pending' };
  }

  return {
    core: {
      async open(request) {
        const deviceCode = base64url.encode(random.bytes(32));
        const code = await hash(deviceCode);
        // From here on nothing waits: what is counted is what there is.
        makeRoom(request);
        const userCode = freeUserCode();
        const id = base64url.encode(random.bytes(16));
        pairings.add({ ...request, id, code, userCode, lifetimeMs: codeSeconds * 1000, interval: firstInterval });
        wakeForSweep();
        return { deviceCode, userCode: groupCode(userCode, 4), expiresIn: codeSeconds, interval: firstInterval };
      },
      find(typed) {
        const code = readCode(typed, userCodeLength);
        return code === undefined ? undefined : pairings.findPending(code);
      },
      decide: ({ pairingId, deviceId, approve }) =>
        pairings.decide(pairingId, deviceId, approve ? 'approved' : 'denied') ? 'decided' : 'gone',
      async poll({ deviceCode, clientId, deviceId }) {
        const pairing = pairings.findByCode(await hash(deviceCode));
        // A right code in wrong hands says no more than a wrong one, and stays good for whom it was given to.
        return pairing === undefined || pairing.clientId !== clientId || pairing.deviceId !== deviceId
          ? { state: 'invalid_grant' }
          : judge(pairing);
      },
      close: (pairingId) => pairings.forget(pairingId),
    },
    sweep() {
      try {
        pairings.sweep();
        wakeForSweep();
      } catch {
        // A handler that throws is retried six times and then never again; this one comes back by itself.
        alarm.ensure(clock.now() + retrySweepMs);
      }
    },
  };

  function wakeForSweep(): void {
    const at = pairings.nextSweep();
    if (at !== null) alarm.ensure(at);
  }
}

const tooMany = (): PryxError =>
  new PryxError('rate_limited', 'Too many devices are being paired.', {
    hint: 'Wait ten minutes, finish the pairings that are under way, or begin from another network.',
  });

const hash = async (code: string): Promise<ArrayBuffer> => (await digestText(code)).slice().buffer;
