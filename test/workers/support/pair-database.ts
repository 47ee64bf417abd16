/** Pairs the device of a database with an edge over the real endpoints and pages, and keeps what comes as the daemon does. */
import { randomBytes } from 'node:crypto';
import type { Db } from '../../../local-agent/store/database.ts';
import { loadDeviceKeys, pinEdge } from '../../../local-agent/store/device-keys.ts';
import { beginSession } from '../../../local-agent/store/edge-session.ts';
import { jwksResponse } from '../../../shared/api/edge.ts';
import { oauthPaths } from '../../../shared/api/oauth.ts';
import { createProof } from '../../../shared/dpop.ts';
import { checkSealingJwk } from '../../../shared/wire/seal.ts';
import { checkSigningJwk, importSignKey, thumbprint } from '../../../shared/wire/signature.ts';
import { type Approver, pairDevice } from './pair-device.ts';

/** Returns the id of the device. */
export async function pairDatabase(db: Db, origin: string, owner: Approver): Promise<string> {
  const now = Date.now();
  const keys = await loadDeviceKeys(db, now);
  const jwk = checkSigningJwk(keys.identity);
  const key = await importSignKey(keys.identity);
  const id = await thumbprint(jwk);
  const jwks = jwksResponse.parse(await (await fetch(`${origin}/.well-known/jwks.json`)).json());
  const url = `${origin}${oauthPaths.token}`;
  const { accessToken, refreshToken } = await pairDevice(origin, owner, {
    id,
    sealingKey: JSON.stringify(checkSealingJwk(keys.sealing)),
    prove: (nonce) =>
      createProof(key, jwk, {
        method: 'POST',
        url,
        now: Date.now(),
        id: randomBytes(16).toString('hex'),
        ...(nonce !== undefined && { nonce }),
      }),
  });
  pinEdge(db, { origin, deviceId: id, pinnedKeys: jwks.keys.map(checkSigningJwk), statement: jwks.statement }, now);
  const accessExpiresAt = now + 15 * 60_000;
  beginSession(db, { origin, tokenEndpoint: url, accessToken, refreshToken, accessExpiresAt }, now);
  return id;
}
