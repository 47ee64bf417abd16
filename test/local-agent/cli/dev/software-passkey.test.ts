import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { describe, expect, test } from 'vitest';
import {
  createPasskey,
  creationOptions,
  requestOptions,
  storedPasskey,
  usePasskey,
} from '../../../../local-agent/cli/dev/software-passkey.ts';
import type { StoredPasskey } from '../../../../local-agent/cli/dev/software-passkey.ts';

const origin = 'http://localhost:8787';
const challenge = Buffer.from('a challenge of some length').toString('base64url');
const toCreate = (rpId = 'localhost') =>
  creationOptions.parse({
    challenge,
    rp: { id: rpId, name: 'Pryx' },
    user: { id: 'b3duZXI', name: 'owner', displayName: 'Owner' },
    pubKeyCredParams: [
      { alg: -8, type: 'public-key' },
      { alg: -7, type: 'public-key' },
    ],
  });
const toUse = (allowCredentials?: { id: string }[], rpId = 'localhost') =>
  requestOptions.parse({ challenge, rpId, ...(allowCredentials && { allowCredentials }) });

const expected = { expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: 'localhost' };

async function register() {
  const { credential, passkey } = createPasskey(toCreate(), origin);
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    ...expected,
    response: credential,
    requireUserVerification: true,
  });
  if (!verified || registrationInfo === undefined) throw new Error('not verified');
  return { passkey, info: registrationInfo };
}

async function signIn(passkey: StoredPasskey, publicKey: Uint8Array<ArrayBuffer>, counter: number) {
  const used = usePasskey(passkey, toUse(), origin);
  const result = await verifyAuthenticationResponse({
    ...expected,
    response: used.credential,
    credential: { id: passkey.id, publicKey, counter },
    requireUserVerification: true,
  });
  return { ...used, ...result };
}

describe('a passkey in software', () => {
  test('is taken by a server as one of a phone: user verified, bound to one device, without attestation', async () => {
    const { passkey, info } = await register();
    expect(info).toMatchObject({
      fmt: 'none',
      userVerified: true,
      credentialDeviceType: 'singleDevice',
      credentialBackedUp: false,
      credential: { id: passkey.id, counter: 0, transports: ['internal'] },
    });
  });

  test('signs in, and counts each time', async () => {
    const { passkey, info } = await register();
    const first = await signIn(passkey, info.credential.publicKey, 0);
    expect(first).toMatchObject({ verified: true, authenticationInfo: { newCounter: 1, userVerified: true } });
    const second = await signIn(first.passkey, info.credential.publicKey, 1);
    expect(second).toMatchObject({ verified: true, authenticationInfo: { newCounter: 2 } });
    // One that was copied, and counts from the start again.
    await expect(signIn(passkey, info.credential.publicKey, 2)).rejects.toThrow(/counter/i);
  });

  test('is the same one after it was kept as JSON', async () => {
    const { passkey, info } = await register();
    const read = storedPasskey.parse(JSON.parse(JSON.stringify(passkey)));
    expect(await signIn(read, info.credential.publicKey, 0)).toMatchObject({ verified: true });
  });

  test('is of no use on the page of somebody else', () => {
    expect(() => createPasskey(toCreate('evil.example'), origin)).toThrow('not for http://localhost:8787');
    const { passkey } = createPasskey(toCreate(), origin);
    expect(() => usePasskey(passkey, toUse(undefined, 'evil.example'), 'https://evil.example')).toThrow(
      'asks for another passkey',
    );
    expect(() => usePasskey(passkey, toUse([{ id: 'AAAA' }]), origin)).toThrow('asks for another passkey');
    expect(() => usePasskey(passkey, toUse([{ id: passkey.id }]), origin)).not.toThrow();
  });
});
