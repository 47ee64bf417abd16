/** What the browser is asked for: a passkey that needs no user name, and that checks who holds it (WebAuthn, sections 5.4 and 5.5). */
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
} from '@simplewebauthn/server';
import { base64url } from 'jose';
import { challengeMs } from '../account/spent-challenges.ts';
import { passkeyAlgorithms } from '../account/verify-passkey.ts';
import type { Visit } from './visit.ts';
import type { Visitor } from './visitor.ts';

export function creationOptions(
  { rpId }: Visitor,
  { challenge }: Visit,
  account: { userHandle: string; known: readonly { id: string; transports: string[] }[] },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'Pryx',
    rpID: rpId,
    userName: `Owner of ${rpId}`,
    userDisplayName: `Owner of ${rpId}`,
    userID: base64url.decode(account.userHandle).slice(),
    challenge: base64url.decode(challenge).slice(),
    timeout: challengeMs,
    attestationType: 'none',
    excludeCredentials: [...account.known],
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: Object.values(passkeyAlgorithms),
  });
}

/** No list of passkeys: a stranger learns of none, and the authenticator knows which it has. */
export function requestOptions(
  { rpId }: Visitor,
  { challenge }: Visit,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: base64url.decode(challenge).slice(),
    timeout: challengeMs,
    userVerification: 'required',
  });
}
