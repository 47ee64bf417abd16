/** An authenticator that does as it is told, right or wrong: every algorithm, flag, counter and address can be chosen. Its CBOR is the library's own. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { Ceremony } from '../../../workers/pairing/account/verify-passkey.ts';

export type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

/** Bits of the flags of authenticator data (WebAuthn, section 6.1). */
export const flag = { present: 0x01, verified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 };

/** What an honest browser would say at `https://edge.example`, unless it is told otherwise. */
export interface Said {
  challenge: string;
  origin: string;
  rpId: string;
  type: string;
  flags: number;
  crossOrigin: boolean;
  counter: number;
  userHandle: string;
}

export const site = { origin: 'https://edge.example', rpId: 'edge.example' };

export type Authenticator = ReturnType<typeof createAuthenticator>;

export function createAuthenticator(algorithm: Algorithm = 'ES256') {
  const { privateKey, cose } = generateKey(algorithm);
  const id = randomBytes(32);
  let counter = 0;
  let userHandle = '';

  const authenticatorData = (rpId: string, flags: number, count: number, attested = Buffer.alloc(0)): Buffer => {
    const counterBytes = Buffer.alloc(4);
    counterBytes.writeUInt32BE(count);
    return Buffer.concat([sha256(Buffer.from(rpId)), Buffer.of(flags), counterBytes, attested]);
  };
  const clientData = ({
    type,
    challenge,
    origin,
    crossOrigin,
  }: Pick<Said, 'type' | 'challenge' | 'origin' | 'crossOrigin'>) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }));
  const credential = (response: object): string =>
    JSON.stringify({
      id: text(id),
      rawId: text(id),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    });

  return {
    id: text(id),
    /** Answers a call to make a passkey. */
    create(
      asked: { challenge: string; userHandle: string },
      change: Partial<Said> & { cose?: Map<number, unknown> } = {},
    ): Ceremony {
      userHandle = asked.userHandle;
      const said = {
        ...site,
        type: 'webauthn.create',
        crossOrigin: false,
        counter: 0,
        challenge: asked.challenge,
        ...change,
      };
      const flags = said.flags ?? flag.present | flag.verified;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, isoCBOR.encode((change.cose ?? cose) as never)]);
      const authData = authenticatorData(said.rpId, flags | flag.attested, said.counter, attested);
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authData)],
      ]);
      const response = {
        clientDataJSON: text(clientData(said)),
        attestationObject: text(Buffer.from(isoCBOR.encode(attestation as never))),
        transports: ['internal', 'hybrid'],
      };
      return { challenge: asked.challenge, ...site, credential: credential(response) };
    },
    /** Answers a call to use it. */
    use(challenge: string, change: Partial<Said> & { by?: KeyObject } = {}): Ceremony {
      counter += 1;
      const said = { ...site, type: 'webauthn.get', crossOrigin: false, challenge, counter, userHandle, ...change };
      const data = authenticatorData(said.rpId, said.flags ?? flag.present | flag.verified, said.counter);
      const client = clientData(said);
      const signed = Buffer.concat([data, sha256(client)]);
      const response = {
        clientDataJSON: text(client),
        authenticatorData: text(data),
        signature: text(sign(algorithm === 'EdDSA' ? null : 'sha256', signed, change.by ?? privateKey)),
        userHandle: said.userHandle,
      };
      return { challenge, ...site, credential: credential(response) };
    },
  };
}

export const newChallenge = (): string => text(randomBytes(32));

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const text = (bytes: Buffer): string => bytes.toString('base64url');
const bytes = (member: string | undefined): Uint8Array => new Uint8Array(Buffer.from(member ?? '', 'base64url'));

/** The labels are those of COSE (RFC 9052, section 7; RFC 9053, section 7; RFC 8230, section 4). */
function generateKey(algorithm: Algorithm): { privateKey: KeyObject; cose: Map<number, unknown> } {
  if (algorithm === 'ES256') {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = publicKey.export({ format: 'jwk' });
    return {
      privateKey,
      cose: new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, bytes(x)],
        [-3, bytes(y)],
      ]),
    };
  }
  if (algorithm === 'EdDSA') {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { x } = publicKey.export({ format: 'jwk' });
    return {
      privateKey,
      cose: new Map<number, unknown>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, bytes(x)],
      ]),
    };
  }
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n, e } = publicKey.export({ format: 'jwk' });
  return {
    privateKey,
    cose: new Map<number, unknown>([
      [1, 3],
      [3, -257],
      [-1, bytes(n)],
      [-2, bytes(e)],
    ]),
  };
}
