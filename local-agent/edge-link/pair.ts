/** How this device came to its edge: what it trusts, and the access token it shows. For now by the token of `pryx dev`. */
import { PryxError } from '../../shared/error.ts';
import { checkSealingJwk } from '../../shared/wire/seal.ts';
import { type SigningJwk, checkSigningJwk, thumbprint } from '../../shared/wire/signature.ts';
import type { DeviceKeys } from '../../shared/api/edge.ts';
import type { Clock } from '../core/clock.ts';
import type { Secret } from '../core/settings.ts';
import type { EdgeApi } from './edge-api.ts';
import { type EdgeTrust, loadTrust } from './verify-job.ts';

export interface PairingDeps {
  origin: string;
  developmentToken: Secret | null;
  keys: DeviceKeys;
  api: EdgeApi;
  clock: Clock;
  /** Keeps whom to trust, durably. */
  savePairing(pairing: { deviceId: string; pinnedKeys: SigningJwk[] }): void;
}

/** A token is renewed while it still has this long to live. */
const renewalMs = 60_000;

export function createPairing(deps: PairingDeps) {
  let session: Promise<{ accessToken: string; renewAt: number; trust: EdgeTrust }> | undefined;

  async function enrol(): Promise<{ accessToken: string; renewAt: number; trust: EdgeTrust }> {
    if (deps.developmentToken === null) {
      throw new PryxError('not_paired', `This device is not paired with ${deps.origin}.`, {
        hint: 'Run `npm start`, which pairs with a local edge by itself.',
      });
    }
    const enrolled = await deps.api.enrol(deps.developmentToken, checkSealingJwk(deps.keys.sealing));
    const deviceId = await thumbprint(deps.keys.identity);
    if (enrolled.device_id !== deviceId)
      throw new PryxError('not_paired', 'The edge enrolled another device than this one.');
    const pinnedKeys = (await deps.api.keys()).keys.map(checkSigningJwk);
    deps.savePairing({ deviceId, pinnedKeys });
    return {
      accessToken: enrolled.access_token,
      renewAt: deps.clock.now() + enrolled.expires_in * 1000 - renewalMs,
      trust: await loadTrust({ origin: deps.origin, deviceId, pinnedKeys, sealing: deps.keys.sealing }),
    };
  }

  return {
    /** What to trust and which token to show; asks the edge only when the token is missing or about to expire. */
    async current(): Promise<{ accessToken: string; trust: EdgeTrust }> {
      if (session !== undefined) {
        const known = await session.catch(() => undefined);
        if (known !== undefined && deps.clock.now() < known.renewAt) return known;
      }
      session = enrol();
      return session;
    },
    /** The edge did not take the token. */
    forget(): void {
      session = undefined;
    },
  };
}
