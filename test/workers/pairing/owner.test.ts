import { describe, expect, test } from 'vitest';
import { createAuthenticator, newChallenge } from './authenticator.ts';
import { claimedAccount, digestOf, simulateOwner } from './simulate-owner.ts';

describe('claiming an edge', () => {
  test('makes whoever does it the owner, signed in, with eight recovery codes', async () => {
    const owner = await claimedAccount();
    expect(owner.recoveryCodes).toHaveLength(8);
    expect(new Set(owner.recoveryCodes).size).toBe(8);
    for (const code of owner.recoveryCodes)
      expect(code).toMatch(/^([BCDFGHJKLMNPQRSTVWXZ]{4}-){3}[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(owner.signedIn('phone')).toBe(true);
    expect(owner.passkeys()).toMatchObject([{ name: 'passkey of phone', lastUsedAt: null }]);
    expect(owner.happened()).toEqual(['claimed']);
  });

  test('is won by one of two who try at the same moment, and leaves nothing of the other', async () => {
    const owner = simulateOwner();
    const both = [createAuthenticator(), createAuthenticator()];
    const outcomes = await Promise.allSettled(
      both.map((authenticator, index) => owner.claim(authenticator, { session: `browser ${index}` })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
    expect(['passkey', 'session', 'owner', 'used_setup_code'].map(owner.count)).toEqual([1, 1, 1, 1]);
    expect(owner.count('recovery_code')).toBe(8);
  });

  test('works once with a set-up code, whatever was set in between', async () => {
    const owner = await claimedAccount();
    await expect(owner.claim(createAuthenticator())).rejects.toMatchObject({ code: 'conflict' });
    await owner.claim(createAuthenticator(), { setupCode: 'second' });
    for (const setupCode of ['first', 'second'])
      await expect(owner.claim(createAuthenticator(), { setupCode })).rejects.toMatchObject({ code: 'conflict' });
    const asked = { session: null, setupCode: digestOf('first') };
    expect(owner.core().look(asked)).toMatchObject({ claimed: true, codeUsed: true });
    expect(owner.core().look({ ...asked, setupCode: digestOf('third') })).toMatchObject({ codeUsed: false });
  });

  test('anew with another set-up code puts the former owner out, keeps the devices and says so', async () => {
    const owner = await claimedAccount();
    await owner.pair('laptop');
    await owner.claim(createAuthenticator(), { setupCode: 'second', session: 'new phone' });
    expect(owner.signedIn('phone')).toBe(false);
    expect(owner.passkeys('new phone')).toHaveLength(1);
    await expect(owner.signIn(owner.authenticator.use(newChallenge()))).rejects.toMatchObject({ code: 'unauthorized' });
    for (const code of owner.recoveryCodes)
      await expect(owner.recover(code)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(owner.stateOf('laptop')).toMatchObject({ state: 'paired' });
    expect(owner.happened()[0]).toBe('claimed_anew');
  });

  test('leaves nothing when the disk fails half way', async () => {
    for (let writes = 1; writes < 12; writes += 1) {
      const owner = simulateOwner();
      owner.failAfter(writes);
      await expect(owner.claim(createAuthenticator())).rejects.toThrow(/disk/);
      owner.failAfter(Number.POSITIVE_INFINITY);
      expect(owner.core().look({ session: null, setupCode: digestOf('first') })).toMatchObject({
        claimed: false,
        codeUsed: false,
      });
      await owner.claim(createAuthenticator());
      expect(owner.passkeys()).toHaveLength(1);
    }
  });

  test('leaves the account as it was when somebody only looks, or fails', async () => {
    const owner = simulateOwner();
    const before = owner.everything();
    owner.core().look({ session: digestOf('made up'), setupCode: digestOf('first') });
    const failing = createAuthenticator().use(newChallenge(), { userHandle: 'AAAA' });
    await expect(owner.signIn(failing)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(owner.recover('BBBB-BBBB-BBBB-BBBB')).rejects.toMatchObject({ code: 'unauthorized' });
    expect(owner.everything()).toBe(before);
  });
});

describe('what happened', () => {
  test('is told to the owner, the newest first, with the passkey that it is about', async () => {
    const owner = await claimedAccount();
    const second = createAuthenticator();
    await owner.add(second, 'phone', 'key ring');
    await owner.signIn(second.use(newChallenge()), 'laptop');
    await owner.recover(owner.recoveryCodes[0] ?? '');
    await owner.core().renewRecoveryCodes({ session: owner.session('laptop') });
    owner.core().signOutEverywhere({ session: owner.session('laptop') });
    expect(owner.happened()).toEqual([
      'signed_out_everywhere',
      'recovery_codes_made',
      'recovery_code_used',
      'signed_in',
      'passkey_added',
      'claimed',
    ]);
    expect(owner.events()[3]).toMatchObject({ passkeyName: 'key ring' });
  });
});
