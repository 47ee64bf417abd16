/** Pairings of this device, one at a time. It outlives the house: what it brings about is that the house is put together anew. */
import type { PairingState, StartPairingRequest } from '../../shared/api/pairing.ts';
import { PryxError, errorBody, toPryxError } from '../../shared/error.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Settings } from '../core/settings.ts';
import type { Approval, PairDeps, StartedPairing } from '../edge-link/pairing/pair-device.ts';
import { edgeInForce, setCurrentEdge } from '../store/current-edge.ts';
import type { Db } from '../store/database.ts';
import { loadDeviceKeys, pinEdge, readEdge } from '../store/device-keys.ts';
import { beginSession, readSession } from '../store/edge-session.ts';
import { recordAudit } from '../trust/audit/record.ts';
import { chooseEdge } from './choose-edge.ts';
import { nameDevice, namePlatform } from './describe-machine.ts';
import type { House } from './house.ts';

/** Speaks with the edge; loaded when it is needed. */
export type StartPairing = (deps: Omit<PairDeps, 'request'>) => Promise<StartedPairing>;

export interface PairingDeskDeps {
  settings: Pick<Settings, 'edge'>;
  db: Db;
  clock: Clock;
  random: Random;
  log: Log;
  startPairing: StartPairing;
  house: () => Pick<House, 'link'> | undefined;
  /** Puts the house together anew, over what was stored. */
  reload: () => void;
}

export interface PairingDesk {
  /**
   * Resolves once the owner can be shown a code. Throws `conflict` while another edge is being paired with, `bad_request` for what is no
   * edge's address, `edge_unreachable`, `clock_wrong`, `rate_limited`, and `unavailable` once it was stopped.
   */
  start: (request: StartPairingRequest) => Promise<PairingState>;
  state: () => PairingState;
  giveUp: () => PairingState;
  stop: () => Promise<void>;
}

interface Attempt {
  origin: string;
  ending: AbortController;
  /** What is shown; known when the edge has given a code. */
  shown: Promise<PairingState>;
  state: PairingState | undefined;
  done: Promise<void>;
}

export function createPairingDesk(deps: PairingDeskDeps): PairingDesk {
  const { db, clock, random, log, settings } = deps;
  let current: Attempt | undefined;
  let failure: PairingState | undefined;
  let stopped = false;

  /** As the database has it. */
  function lasting(): PairingState {
    const origin = edgeInForce(db, settings);
    const session = origin === null ? undefined : readSession(db, origin);
    const edge = origin === null ? undefined : readEdge(db, origin);
    if (session === undefined || session.refreshToken === null || edge === undefined) return { state: 'none' };
    return { state: 'paired', edge: edge.origin, device_id: edge.deviceId, paired_at: session.pairedAt };
  }

  function begin(origin: string, name: string): Attempt {
    const ending = new AbortController();
    const started = open(origin, name, ending.signal);
    const attempt: Attempt = {
      origin,
      ending,
      shown: started.then(({ state }) => state),
      state: undefined,
      done: Promise.resolve(),
    };
    attempt.done = started
      .then(async ({ state, pairing }) => {
        attempt.state = state;
        save(await pairing.approved());
      })
      .catch((error: unknown) => fail(attempt, error))
      .finally(() => {
        if (current === attempt) current = undefined;
      });
    return attempt;
  }

  async function open(origin: string, name: string, signal: AbortSignal) {
    const startedAt = clock.now();
    const keys = await loadDeviceKeys(db, startedAt);
    const platform = namePlatform();
    const pairing = await deps.startPairing({ origin, keys, name, platform, clock, random, signal });
    const { code, words } = pairing;
    log.info('pairing.waiting', { edge: origin });
    const state: PairingState = {
      state: 'waiting',
      edge: origin,
      user_code: code.userCode,
      verification_uri: code.verificationUri,
      verification_uri_complete: code.verificationUriComplete,
      device_name: name,
      platform,
      words,
      started_at: startedAt,
      expires_at: code.expiresAt,
    };
    return { pairing, state };
  }

  /** All of it or nothing: whom to trust, how to ask, and that it is this edge from now on. */
  function save({ origin, deviceId, tokenEndpoint, pinnedKeys, statement, tokens }: Approval): void {
    const now = clock.now();
    db.transaction(() => {
      pinEdge(db, { origin, deviceId, pinnedKeys, statement }, now);
      beginSession(db, { origin, tokenEndpoint, ...tokens }, now);
      // What the environment names is in force while it is set: `pryx dev` is not to take the place of the edge that messages go to.
      if (settings.edge === null || edgeInForce(db, { edge: null }) === null) setCurrentEdge(db, origin, now);
      recordAudit(db, now, 'edge.paired', { edge: origin, device: deviceId });
    });
    log.info('edge.paired', { edge: origin });
    deps.reload();
  }

  function fail({ origin, ending }: Attempt, error: unknown): void {
    // Given up: nobody asks how it went.
    if (ending.signal.aborted) return;
    const known = toPryxError(error);
    log.error('pairing.failed', known, { edge: origin });
    failure = { state: 'failed', edge: origin, error: errorBody(known).error };
  }

  function giveUp(): void {
    current?.ending.abort(new PryxError('conflict', 'The pairing was given up.'));
    current = undefined;
    failure = undefined;
  }

  /** A link that is up, or on its way for the first time: nothing speaks against this pairing. */
  function isWell(): boolean {
    const link = deps.house()?.link();
    // Whose messages are refused is up, and of no use.
    if (link?.state === 'up') return link.lastError?.code !== 'bad_job';
    return link?.state === 'connecting' && link.lastError === null;
  }

  const state = (): PairingState => current?.state ?? failure ?? lasting();

  return {
    async start(request) {
      if (stopped)
        throw new PryxError('unavailable', 'Pryx is just stopping.', {
          hint: 'When it has, begin again with `pryx pair`: that starts it, too.',
        });
      const origin = chooseEdge(request, settings, edgeInForce(db, settings));
      if (current !== undefined && current.origin !== origin)
        throw new PryxError('conflict', `This device is being paired with ${current.origin} already.`, {
          hint: 'Wait for that, or end it with Ctrl-C where `pryx pair` runs.',
        });
      if (current !== undefined) return current.shown;
      const paired = lasting();
      if (request.again !== true && paired.state === 'paired' && paired.edge === origin && isWell()) return paired;
      failure = undefined;
      current = begin(origin, nameDevice(request.name));
      return current.shown;
    },
    state,
    giveUp() {
      giveUp();
      return state();
    },
    async stop() {
      stopped = true;
      const ended = current?.done;
      giveUp();
      await ended;
    },
  };
}
