/**
 * A passkey in software: what a phone's authenticator does (Web Authentication, Level 3), for the owner that `pryx dev` and the tests are.
 * It is of use at one relying party, and can be kept as JSON.
 */
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import { encodeAttestation, encodeCoseKey } from './encode-attestation.ts';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

export const storedPasskey = z.object({
  id: base64url,
  rp_id: z.string(),
  user_handle: base64url,
  /** The P-256 key, as a private JWK. */
  private_key: z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: base64url, y: base64url, d: base64url }),
  /** Signatures given. */
  counter: z.int().nonnegative(),
});
export type StoredPasskey = z.infer<typeof storedPasskey>;

/** What is read of PublicKeyCredentialCreationOptionsJSON (section 5.1.9), and of PublicKeyCredentialRequestOptionsJSON below. */
export const creationOptions = z.object({
  challenge: base64url,
  rp: z.object({ id: z.string() }),
  user: z.object({ id: base64url }),
  pubKeyCredParams: z.array(z.object({ alg: z.int() })),
});
export const requestOptions = z.object({
  challenge: base64url,
  rpId: z.string(),
  allowCredentials: z.array(z.object({ id: z.string() })).default([]),
});

/** RegistrationResponseJSON and AuthenticationResponseJSON, with the passkey as it is from now on. */
export interface Answered<Response> {
  credential: Credential<Response>;
  passkey: StoredPasskey;
}
export interface Credential<Response> {
  id: string;
  rawId: string;
  type: 'public-key';
  authenticatorAttachment: 'platform';
  clientExtensionResults: Record<string, never>;
  response: Response;
}
export interface Attested {
  clientDataJSON: string;
  attestationObject: string;
  authenticatorData: string;
  publicKey: string;
  publicKeyAlgorithm: number;
  transports: ['internal'];
}
export interface Asserted {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle: string;
}

const es256 = -7;
/** Flags of authenticator data (section 6.1): user present, user verified, attested credential data included. Not eligible for backup. */
const presentAndVerified = 0x01 | 0x04;
const attested = 0x40;

/** Makes a new passkey. `origin` is that of the page that asks. Throws `unauthorized` where a browser would refuse. */
export function createPasskey(options: z.infer<typeof creationOptions>, origin: string): Answered<Attested> {
  checkRelyingParty(options.rp.id, origin);
  if (!options.pubKeyCredParams.some(({ alg }) => alg === es256)) throw refusal('The page wants no ES256 passkey.');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  const passkey = storedPasskey.parse({
    id: id.toString('base64url'),
    rp_id: options.rp.id,
    user_handle: options.user.id,
    private_key: { kty, crv, x, y, d },
    counter: 0,
  });
  const data = Buffer.concat([
    authenticatorData(passkey, presentAndVerified | attested),
    Buffer.alloc(16), // AAGUID: none, as there is no attestation
    uint16(id.length),
    id,
    encodeCoseKey(passkey.private_key),
  ]);
  const response: Attested = {
    clientDataJSON: clientData('webauthn.create', options.challenge, origin).toString('base64url'),
    attestationObject: encodeAttestation(data).toString('base64url'),
    authenticatorData: data.toString('base64url'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
    publicKeyAlgorithm: es256,
    transports: ['internal'],
  };
  return { credential: credentialOf(passkey, response), passkey };
}

/** Signs in. The counter goes up by one (section 6.1.1). Throws `unauthorized` where a browser would find no passkey. */
export function usePasskey(
  before: StoredPasskey,
  options: z.infer<typeof requestOptions>,
  origin: string,
): Answered<Asserted> {
  checkRelyingParty(options.rpId, origin);
  const { allowCredentials: allowed } = options;
  if (before.rp_id !== options.rpId || (allowed.length > 0 && !allowed.some(({ id }) => id === before.id)))
    throw refusal('The page asks for another passkey.');
  const passkey = { ...before, counter: before.counter + 1 };
  const data = authenticatorData(passkey, presentAndVerified);
  const client = clientData('webauthn.get', options.challenge, origin);
  const key = createPrivateKey({ key: passkey.private_key, format: 'jwk' });
  const response: Asserted = {
    clientDataJSON: client.toString('base64url'),
    authenticatorData: data.toString('base64url'),
    signature: sign('sha256', Buffer.concat([data, sha256(client)]), key).toString('base64url'),
    userHandle: passkey.user_handle,
  };
  return { credential: credentialOf(passkey, response), passkey };
}

const credentialOf = <Response>({ id }: StoredPasskey, response: Response): Credential<Response> => ({
  id,
  rawId: id,
  type: 'public-key',
  authenticatorAttachment: 'platform',
  clientExtensionResults: {},
  response,
});

const authenticatorData = ({ rp_id, counter }: StoredPasskey, flags: number): Buffer =>
  Buffer.concat([sha256(Buffer.from(rp_id)), Buffer.of(flags), uint32(counter)]);

const clientData = (type: string, challenge: string, origin: string): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

/** The id is the page's host or a parent of it (section 5.1.3, step 8). */
function checkRelyingParty(rpId: string, origin: string): void {
  const { hostname } = new URL(origin);
  if (hostname !== rpId && !hostname.endsWith(`.${rpId}`)) throw refusal(`A passkey of ${rpId} is not for ${origin}.`);
}

const refusal = (message: string): PryxError =>
  new PryxError('unauthorized', message, { hint: 'Use the address that the edge itself shows for pairing.' });

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
