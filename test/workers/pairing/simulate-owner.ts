/** The owner's side of an account without a runtime: passkeys that sign, and sessions by name. */
import { createHash, randomBytes } from 'node:crypto';
import type { NewSession } from '../../../workers/pairing/account/owner-api.ts';
import { type Algorithm, type Authenticator, createAuthenticator, newChallenge } from './authenticator.ts';
import { simulateAccount } from './simulate.ts';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

export function simulateOwner() {
  const account = simulateAccount();
  const core = account.core;
  const sessionOf = (name: string): NewSession => ({ digest: digestOf(`session ${name}`), agent: name });

  return {
    ...account,
    session: (name: string): string => sessionOf(name).digest,
    /** Claims with a set-up code; returns the recovery codes. */
    claim(authenticator: Authenticator, { setupCode = 'first', session = 'phone' } = {}): Promise<string[]> {
      const asked = { challenge: newChallenge(), userHandle: randomBytes(32).toString('base64url') };
      return core().claim({
        setupCode: digestOf(setupCode),
        userHandle: asked.userHandle,
        ceremony: authenticator.create(asked),
        passkeyName: `passkey of ${session}`,
        session: sessionOf(session),
      });
    },
    signIn: (
      ceremony: ReturnType<Authenticator['use']>,
      session = 'phone',
      before: string | null = null,
    ): Promise<void> => core().signIn({ ceremony, session: sessionOf(session), before }),
    recover: (code: string, session = 'new phone'): Promise<void> =>
      core().recover({ code, session: sessionOf(session) }),
    /** One more passkey, from within a session, which goes on under another name. */
    async add(authenticator: Authenticator, session = 'phone', name = 'second'): Promise<void> {
      const { userHandle } = core().beforePasskey({ session: sessionOf(session).digest });
      await core().addPasskey({
        session: sessionOf(session).digest,
        renewed: sessionOf(session),
        ceremony: authenticator.create({ challenge: newChallenge(), userHandle }),
        name,
      });
    },
    passkeys: (session = 'phone') => core().overview({ session: sessionOf(session).digest }).passkeys,
    happened: () => account.events().map(({ kind }) => kind),
    signedIn: (session: string): boolean =>
      core().look({ session: sessionOf(session).digest, setupCode: null }).session !== null,
  };
}

/** Claimed by one passkey, signed in as `phone`. */
export async function claimedAccount(algorithm: Algorithm = 'ES256') {
  const owner = simulateOwner();
  const authenticator = createAuthenticator(algorithm);
  const recoveryCodes = await owner.claim(authenticator);
  return { ...owner, authenticator, recoveryCodes };
}
