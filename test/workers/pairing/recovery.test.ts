import { describe, expect, test } from 'vitest';
import { createAuthenticator, newChallenge } from './authenticator.ts';
import { claimedAccount } from './simulate-owner.ts';

const minuteMs = 60_000;

describe('a recovery code', () => {
  test('works once, in small letters and without hyphens as well', async () => {
    const owner = await claimedAccount();
    const [first = '', second = ''] = owner.recoveryCodes;
    await owner.recover(first);
    expect(owner.signedIn('new phone')).toBe(true);
    await expect(owner.recover(first, 'thief')).rejects.toMatchObject({ code: 'unauthorized' });
    await owner.recover(` ${second.toLowerCase().replaceAll('-', ' ')} `, 'tablet');
    expect(owner.signedIn('tablet')).toBe(true);
    expect(owner.core().overview({ session: owner.session('phone') }).recoveryCodesLeft).toBe(6);
  });

  test('used twice at the same moment lets one in', async () => {
    const owner = await claimedAccount();
    const [code = ''] = owner.recoveryCodes;
    const outcomes = await Promise.allSettled(['one', 'two'].map((session) => owner.recover(code, session)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('that is none lets nobody in', async () => {
    const owner = await claimedAccount();
    for (const typed of ['', 'BBBB-BBBB-BBBB-BBBB', 'x'.repeat(10_000), owner.recoveryCodes.join('')])
      await expect(owner.recover(typed)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(owner.count('recovery_code')).toBe(8);
  });

  test('lets its owner look and add a passkey, and do nothing else', async () => {
    const owner = await claimedAccount();
    await owner.add(createAuthenticator());
    await owner.recover(owner.recoveryCodes[0] ?? '');
    const session = owner.session('new phone');
    const core = owner.core();
    const [{ id } = { id: '' }] = owner.passkeys('new phone');
    expect(() => core.renamePasskey({ session, id, name: 'mine' })).toThrow(/recovery code/);
    expect(() => core.removePasskey({ session, id })).toThrow(/passkey/);
    expect(() => core.enterCode({ session })).toThrow(/passkey/);
    expect(() => core.signOutEverywhere({ session })).toThrow(/recovery code/);
    await expect(core.renewRecoveryCodes({ session })).rejects.toThrow(/passkey/);
    expect(owner.passkeys()).toHaveLength(2);

    const found = createAuthenticator();
    await owner.add(found, 'new phone', 'found again');
    core.removePasskey({ session, id });
    await owner.signIn(found.use(newChallenge()), 'laptop');
    expect(owner.passkeys('laptop').map(({ name }) => name)).toContain('found again');
  });

  test('is good for half an hour of that', async () => {
    const owner = await claimedAccount();
    await owner.recover(owner.recoveryCodes[0] ?? '');
    await owner.clock.advance(30 * minuteMs);
    expect(owner.signedIn('new phone')).toBe(false);
    await expect(owner.add(createAuthenticator(), 'new phone')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('is void once there are new ones', async () => {
    const owner = await claimedAccount();
    const codes = await owner.core().renewRecoveryCodes({ session: owner.session('phone') });
    expect(codes).toHaveLength(8);
    await expect(owner.recover(owner.recoveryCodes[0] ?? '')).rejects.toMatchObject({ code: 'unauthorized' });
    await owner.recover(codes[0] ?? '');
    expect(owner.signedIn('new phone')).toBe(true);
  });
});
