/** Which key asks at the token endpoint: its proof, with a nonce of this server (RFC 9449, sections 5 and 8). */
import { type VerifiedProof, verifyProof } from '../../shared/dpop.ts';
import type { Keyring } from '../keys/keyring.ts';
import { isGoodNonce } from './nonce.ts';
import { OAuthError } from './oauth-error.ts';

/** The key is the device. */
export interface Prover {
  deviceId: string;
  /** To be taken once, as soon as the device is one that is known. */
  proofId: string;
}

/** `url`: of the token endpoint, as the metadata has it. Throws `invalid_dpop_proof`, `use_dpop_nonce`. */
export async function proveKey(
  request: Request,
  expect: { keyring: Keyring; url: string; now: number },
): Promise<Prover> {
  const given = request.headers.get('dpop');
  if (given === null) throw new OAuthError('invalid_dpop_proof', 'A DPoP proof is needed.');
  const { thumbprint, id, nonce } = await verify(given, expect);
  if (nonce === undefined || !(await isGoodNonce(expect.keyring, nonce, expect.now)))
    throw new OAuthError('use_dpop_nonce', 'The proof has to carry the nonce of this answer.');
  return { deviceId: thumbprint, proofId: id };
}

async function verify(proof: string, { url, now }: { url: string; now: number }): Promise<VerifiedProof> {
  try {
    return await verifyProof(proof, { method: 'POST', url, now });
  } catch {
    throw new OAuthError('invalid_dpop_proof', 'The DPoP proof does not fit this request.');
  }
}
