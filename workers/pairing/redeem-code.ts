/**
 * The grant of RFC 8628, section 3.4. Approved at the desk; then let into mailbox and account, whose commit is the single use of the code;
 * then the desk forgets it. Cut short anywhere, the code is still good or the device pairs again: nothing is doubled.
 */
import { read } from '../durable/answer.ts';
import type { Env } from '../environment.ts';
import { askAccount } from './account/ask-account.ts';
import type { PollOutcome } from './desk/desk-api.ts';
import { askDesk } from './desk/ask-desk.ts';
import { OAuthError } from './oauth-error.ts';
import type { Prover } from './prove-key.ts';

/** What a grant yields, whichever it is. */
export interface Granted {
  refreshToken: string;
  /** Milliseconds since the epoch: the access token may not look older than the pairing that it is of. */
  notBefore: number;
}

/** Throws the errors of RFC 8628, section 3.5. */
export async function redeemCode(
  env: Pick<Env, 'DESK' | 'ACCOUNT'>,
  use: { deviceCode: string; clientId: string; prover: Prover; origin: string },
): Promise<Granted> {
  const { deviceCode, clientId, prover, origin } = use;
  const [desk, account] = [askDesk(env), askAccount(env)];
  const outcome = await read(desk.poll({ deviceCode, clientId, deviceId: prover.deviceId }));
  if (outcome.state === 'invalid_grant') throw refuse('invalid_grant');
  await read(account.takeProof(prover));
  if (outcome.state !== 'approved') throw refuse(outcome.state);
  const { pairingId, deviceId, sealingKey, name, platform } = outcome.device;
  const admitted = await read(account.admit({ pairingId, deviceId, sealingKey, name, platform, origin }));
  // What the desk cannot forget now it sweeps away; the tokens are given all the same.
  await read(desk.close(pairingId)).catch(() => undefined);
  if (admitted.state === 'admitted') return { refreshToken: admitted.refreshToken, notBefore: admitted.pairedAt };
  if (admitted.state === 'redeemed') throw refuse('invalid_grant');
  throw new OAuthError('access_denied', reasons[admitted.state]);
}

const sentences = {
  authorization_pending: 'The owner has not decided yet.',
  slow_down: 'Polled too soon: wait five seconds longer from now on.',
  access_denied: 'The owner refused this device.',
  expired_token: 'The code has expired.',
  invalid_grant: 'This code is not good for this client and this key.',
} satisfies Record<Exclude<PollOutcome['state'], 'approved'>, string>;

const refuse = (code: keyof typeof sentences): OAuthError => new OAuthError(code, sentences[code]);

const reasons = {
  full: 'This edge has 64 devices: one of them has to be revoked first.',
  revoked: 'The owner revoked this device while it was being paired.',
};
