/** What an authenticator answered, checked (WebAuthn, sections 7.1 and 7.2). Stateless: what needs memory is in `passkeys.ts`. */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';
import { base64url } from 'jose';
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import { checkSigningJwk } from '../../../shared/wire/signature.ts';

/** One call of the browser: what it was asked, where, and what came back. */
export interface Ceremony {
  /** base64url */
  challenge: string;
  /** Of the page. */
  origin: string;
  /** Its host name. */
  rpId: string;
  /** JSON of a `RegistrationResponseJSON` or `AuthenticationResponseJSON`. */
  credential: string;
}

export interface NewPasskey {
  id: string;
  /** COSE, in base64url. */
  publicKey: string;
  counter: number;
  transports: string[];
  backupEligible: boolean;
  backedUp: boolean;
}

export interface PasskeyUse {
  /** Of the account, as the authenticator remembers it. */
  userHandle: string;
  counter: number;
  backupEligible: boolean;
  backedUp: boolean;
}

/** Ed25519 and the two that nearly every authenticator has, as COSE numbers them (RFC 9053). */
export const passkeyAlgorithms = { EdDSA: -8, ES256: -7, RS256: -257 } as const;
const algorithmIds = Object.values(passkeyAlgorithms);

const bytesText = z.string().regex(/^[A-Za-z0-9_-]+$/);
const credentialId = bytesText.max(1364);
const registration = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: bytesText,
    attestationObject: bytesText,
    transports: z
      .array(z.string().regex(/^[a-z-]{1,32}$/))
      .max(10)
      .default([]),
  }),
});
const authentication = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: bytesText,
    authenticatorData: bytesText,
    signature: bytesText,
    userHandle: bytesText,
  }),
});

/** Throws `unauthorized`, without saying which check failed. */
export async function verifyNewPasskey({ challenge, origin, rpId, credential }: Ceremony): Promise<NewPasskey> {
  const response = parse(registration, credential);
  refuseFrames(response.response.clientDataJSON);
  const { registrationInfo } = await orRefuse(
    verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithmIds,
    }),
  );
  // Section 7.1, step 26: what the client calls it is what the authenticator made.
  if (registrationInfo === undefined || registrationInfo.credential.id !== response.id) throw refused();
  const { publicKey, counter } = registrationInfo.credential;
  refuseWeakKey(publicKey);
  return {
    id: response.id,
    publicKey: base64url.encode(publicKey),
    counter,
    transports: response.response.transports,
    backupEligible: registrationInfo.credentialDeviceType === 'multiDevice',
    backedUp: registrationInfo.credentialBackedUp,
  };
}

/** The id of the passkey that the answer claims to be by; nothing is checked yet. Throws `unauthorized`. */
export const readPasskeyId = ({ credential }: Ceremony): string => parse(authentication, credential).id;

/** Throws `unauthorized`, without saying which check failed. */
export async function verifyPasskeyUse(
  { challenge, origin, rpId, credential }: Ceremony,
  passkey: Pick<NewPasskey, 'id' | 'publicKey'>,
): Promise<PasskeyUse> {
  const response = parse(authentication, credential);
  refuseFrames(response.response.clientDataJSON);
  const { verified, authenticationInfo } = await orRefuse(
    verifyAuthenticationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      // The counter is compared where it is kept, once the signature is known to be good and in the transaction that writes it.
      credential: { id: passkey.id, publicKey: base64url.decode(passkey.publicKey).slice(), counter: 0 },
    }),
  );
  if (!verified) throw refused();
  return {
    userHandle: response.response.userHandle,
    counter: authenticationInfo.newCounter,
    backupEligible: authenticationInfo.credentialDeviceType === 'multiDevice',
    backedUp: authenticationInfo.credentialBackedUp,
  };
}

function parse<T>(schema: z.ZodType<T>, json: string): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    throw refused();
  }
}

/** A page of ours is never in a frame; the library lets frames of browsers pass that do not say whose (section 7.2, step 13). */
function refuseFrames(clientDataJSON: string): void {
  const { crossOrigin } = parse(
    z.object({ crossOrigin: z.boolean().default(false) }),
    new TextDecoder().decode(base64url.decode(clientDataJSON)),
  );
  if (crossOrigin) throw refused();
}

/** workerd takes forged Ed25519 signatures under keys of small order. */
function refuseWeakKey(publicKey: Uint8Array<ArrayBuffer>): void {
  const key = decodeCredentialPublicKey(publicKey) as unknown as Map<number, unknown>;
  // COSE labels: 3 is the algorithm, -2 the x coordinate (RFC 9053, section 7.2).
  const x = key.get(-2);
  if (key.get(3) === passkeyAlgorithms.EdDSA && x instanceof Uint8Array)
    checkSigningJwk({ kty: 'OKP', crv: 'Ed25519', x: base64url.encode(x) });
}

async function orRefuse<T>(checking: Promise<T>): Promise<T> {
  try {
    return await checking;
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause?: unknown): PryxError {
  return new PryxError('unauthorized', 'The passkey was not accepted.', {
    hint: 'Try again. It must be a passkey of this edge, with your fingerprint, face or PIN.',
    cause,
  });
}
