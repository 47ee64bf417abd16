/** Proofs that this device holds its key (RFC 9449): a new one for each request. */
import { base64url } from 'jose';
import { createProof } from '../../shared/dpop.ts';
import type { SigningJwk, SigningKey } from '../../shared/wire/signature.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';

export interface ProverDeps {
  identity: { jwk: SigningJwk; key: SigningKey };
  clock: Clock;
  random: Random;
}

export type Prove = (method: string, url: string, bound?: { accessToken?: string; nonce?: string }) => Promise<string>;

export const createProver =
  ({ identity, clock, random }: ProverDeps): Prove =>
  (method, url, bound = {}) =>
    createProof(identity.key, identity.jwk, {
      method,
      url,
      ...bound,
      now: clock.now(),
      id: base64url.encode(random.bytes(16)),
    });
