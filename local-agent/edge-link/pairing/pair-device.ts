/** One pairing from its first request to the tokens: RFC 8628 with the bindings of RFC 9449. Loaded only when somebody pairs. */
import type { DeviceKeys } from '../../../shared/api/edge.ts';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import { checkSealingJwk } from '../../../shared/wire/seal.ts';
import { checkSigningJwk, importSignKey, thumbprint } from '../../../shared/wire/signature.ts';
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import type { Tokens } from '../../store/edge-session.ts';
import { createAskToken } from '../ask-token.ts';
import { createProver } from '../prove.ts';
import type { EdgeRequest } from '../request.ts';
import { awaitApproval } from './await-approval.ts';
import { type PublishedKeys, discoverEdge } from './discover.ts';
import { type PairingCode, requestCode } from './request-code.ts';

export interface PairDeps {
  origin: string;
  keys: DeviceKeys;
  name: string;
  platform: string;
  request: EdgeRequest;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
}

export interface StartedPairing {
  /** For the owner to see. */
  code: PairingCode;
  words: string[];
  /** Waits for the owner. What comes is to be kept at once: the code is used up by then. */
  approved(): Promise<Approval>;
}

export interface Approval extends PublishedKeys {
  origin: string;
  deviceId: string;
  tokenEndpoint: string;
  tokens: Tokens;
}

/** The keys are learned before the owner is asked, so that nothing has to be asked between the tokens and the moment when they are kept. */
export async function startPairing({ origin, keys, name, platform, ...deps }: PairDeps): Promise<StartedPairing> {
  const { tokenEndpoint, keys: published, deviceAuthorizationEndpoint } = await discoverEdge({ origin, ...deps });
  const jwk = checkSigningJwk(keys.identity);
  const deviceId = await thumbprint(jwk);
  const code = await requestCode(
    {
      origin,
      endpoint: deviceAuthorizationEndpoint,
      deviceId,
      sealing: checkSealingJwk(keys.sealing),
      name,
      platform,
    },
    deps,
  );
  const identity = { jwk, key: await importSignKey(keys.identity) };
  const askToken = createAskToken({ ...deps, prove: createProver({ identity, ...deps }) });
  return {
    code,
    words: fingerprintWords(deviceId),
    async approved() {
      const tokens = await awaitApproval({ code, tokenEndpoint, askToken, ...deps });
      return { origin, deviceId, tokenEndpoint, ...published, tokens };
    },
  };
}
