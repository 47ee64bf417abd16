/** How pairing stands, asked of the daemon. */
import { type PairingState, type StartPairingRequest, pairingState } from '../../shared/api/pairing.ts';
import { askDaemon, readError } from './ask-daemon.ts';
import type { CliHome } from './home.ts';
import type { PryxError } from '../../shared/error.ts';

/** The edge is asked first, which may be far away. */
const startsWithinMs = 30_000;

export const readPairing = async (home: CliHome): Promise<PairingState> =>
  pairingState.parse(await askDaemon(home, { path: '/pairing' }));

export const startPairing = async (home: CliHome, body: StartPairingRequest): Promise<PairingState> =>
  pairingState.parse(await askDaemon(home, { method: 'POST', path: '/pairing', body, timeoutMs: startsWithinMs }));

/** Resolves to how it stands without the one that was under way. */
export const giveUpPairing = async (home: CliHome): Promise<PairingState> =>
  pairingState.parse(await askDaemon(home, { method: 'DELETE', path: '/pairing' }));

/** What the daemon said of a pairing that failed. */
export const pairingFailure = ({ error }: Extract<PairingState, { state: 'failed' }>): PryxError =>
  readError({ error });
