import { describe, expect, test } from 'vitest';
import { createAuthenticator, newChallenge } from './authenticator.ts';
import { claimedAccount } from './simulate-owner.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('being signed in', () => {
  test('lasts for twelve hours, used or not', async () => {
    const owner = await claimedAccount();
    await owner.clock.advance(12 * hourMs - 1);
    expect(owner.signedIn('phone')).toBe(true);
    await owner.clock.advance(1);
    expect(owner.signedIn('phone')).toBe(false);
    expect(() => owner.passkeys()).toThrow(/not signed in/);
  });

  test('is kept as a digest: what is at rest signs nobody in', async () => {
    const owner = await claimedAccount();
    expect(owner.everything()).toContain(owner.session('phone'));
    expect(owner.everything()).not.toContain('session phone');
    for (const code of owner.recoveryCodes) {
      expect(owner.everything()).not.toContain(code);
      expect(owner.everything()).not.toContain(code.replaceAll('-', ''));
    }
  });

  test('once more in the same browser takes the place of the session before', async () => {
    const owner = await claimedAccount();
    await owner.signIn(owner.authenticator.use(newChallenge()), 'phone again', owner.session('phone'));
    expect(owner.signedIn('phone')).toBe(false);
    expect(owner.signedIn('phone again')).toBe(true);
  });

  test('ends with signing out, and everywhere when that is asked', async () => {
    const owner = await claimedAccount();
    for (const name of ['laptop', 'tablet']) await owner.signIn(owner.authenticator.use(newChallenge()), name);
    owner.core().signOut({ session: owner.session('tablet') });
    expect(['phone', 'laptop', 'tablet'].map(owner.signedIn)).toEqual([true, true, false]);
    owner.core().signOutEverywhere({ session: owner.session('laptop') });
    expect(['phone', 'laptop', 'tablet'].map(owner.signedIn)).toEqual([false, false, false]);
    expect(() => owner.core().signOutEverywhere({ session: owner.session('tablet') })).toThrow(/not signed in/);
  });

  test('with a passkey ends when that passkey is removed, but for the browser that removes it', async () => {
    const owner = await claimedAccount();
    await owner.signIn(owner.authenticator.use(newChallenge()), 'lost phone');
    await owner.add(createAuthenticator());
    owner.core().removePasskey({ session: owner.session('phone'), id: owner.authenticator.id });
    expect(['phone', 'lost phone'].map(owner.signedIn)).toEqual([true, false]);
  });

  test('is listed, with the browser and which of them asks', async () => {
    const owner = await claimedAccount();
    await owner.clock.advance(minuteMs);
    await owner.signIn(owner.authenticator.use(newChallenge()), 'laptop');
    expect(owner.core().overview({ session: owner.session('phone') }).sessions).toMatchObject([
      { agent: 'laptop', current: false },
      { agent: 'phone', current: true },
    ]);
  });

  test('in more than fifty browsers forgets the oldest, and what has expired is not kept', async () => {
    const owner = await claimedAccount();
    for (let count = 0; count < 55; count += 1) {
      await owner.clock.advance(1000);
      await owner.signIn(owner.authenticator.use(newChallenge()), `browser ${count}`);
    }
    expect(owner.count('session')).toBe(50);
    expect(owner.signedIn('phone')).toBe(false);
    await owner.clock.advance(13 * hourMs);
    await owner.signIn(owner.authenticator.use(newChallenge()), 'late');
    expect(owner.count('session')).toBe(1);
    expect(owner.count('spent')).toBe(1);
  });
});

describe('what decides over keys', () => {
  test('needs a passkey that was used within five minutes', async () => {
    const owner = await claimedAccount();
    await owner.add(createAuthenticator());
    const session = owner.session('phone');
    const [first] = owner.passkeys();
    await owner.clock.advance(5 * minuteMs);
    const core = owner.core();
    const stale = /used just now/;
    expect(() => core.beforePasskey({ session })).toThrow(stale);
    expect(() => core.removePasskey({ session, id: first?.id ?? '' })).toThrow(stale);
    expect(() => core.enterCode({ session })).toThrow(stale);
    await expect(core.renewRecoveryCodes({ session })).rejects.toThrow(stale);
    await expect(owner.add(createAuthenticator())).rejects.toThrow(stale);
    expect(owner.passkeys()).toHaveLength(2);
    // To look, to rename and to leave needs none.
    core.renamePasskey({ session, id: first?.id ?? '', name: 'old phone' });

    await owner.signIn(owner.authenticator.use(newChallenge()), 'phone', session);
    core.removePasskey({ session, id: first?.id ?? '' });
    expect(owner.passkeys()).toHaveLength(1);
  });

  test('is refused when the passkey was used too long ago by the time that the answer is checked', async () => {
    const owner = await claimedAccount();
    const session = owner.session('phone');
    const { userHandle } = owner.core().beforePasskey({ session });
    const ceremony = createAuthenticator().create({ challenge: newChallenge(), userHandle });
    const renewed = { digest: 'x', agent: 'x' };
    const adding = owner.core().addPasskey({ session, renewed, ceremony, name: 'late' });
    owner.core().signOut({ session });
    await expect(adding).rejects.toMatchObject({ code: 'unauthorized' });
    expect(owner.count('passkey')).toBe(1);
  });
});

describe('entering codes that nobody waits with', () => {
  test('is possible five times in ten minutes, however many come at once, and says how long to wait', async () => {
    const owner = await claimedAccount();
    const session = owner.session('phone');
    for (let count = 0; count < 5; count += 1) owner.core().enterCode({ session });
    await owner.clock.advance(4 * minuteMs);
    expect(() => owner.core().enterCode({ session })).toThrow(
      expect.objectContaining({ code: 'rate_limited', hint: expect.stringContaining('6 minutes') }),
    );
    await owner.clock.advance(6 * minuteMs);
    await owner.signIn(owner.authenticator.use(newChallenge()), 'phone', session);
    expect(() => owner.core().enterCode({ session })).not.toThrow();
  });

  test('does not count those that were right', async () => {
    const owner = await claimedAccount();
    const session = owner.session('phone');
    for (let count = 0; count < 20; count += 1) owner.core().codeFound(owner.core().enterCode({ session }));
    expect(owner.count('code_entry')).toBe(0);
  });
});
