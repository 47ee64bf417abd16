import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Said, createAuthenticator, flag, newChallenge } from './authenticator.ts';
import { claimedAccount, digestOf, simulateOwner } from './simulate-owner.ts';

const refused = { code: 'unauthorized' };

describe('a passkey', () => {
  test.each(['ES256', 'EdDSA', 'RS256'] as const)('with %s is made and used', async (algorithm) => {
    const account = await claimedAccount(algorithm);
    await account.signIn(account.authenticator.use(newChallenge()), 'laptop');
    expect(account.signedIn('laptop')).toBe(true);
  });

  test('that the device made without asking who holds it is not taken, and does not sign in', async () => {
    const owner = simulateOwner();
    const authenticator = createAuthenticator();
    const asked = { challenge: newChallenge(), userHandle: 'AAAA' };
    const claim = {
      setupCode: digestOf('first'),
      userHandle: 'AAAA',
      passkeyName: 'x',
      session: { digest: 'd', agent: 'a' },
    };
    const unverified = authenticator.create(asked, { flags: flag.present });
    await expect(owner.core().claim({ ...claim, ceremony: unverified })).rejects.toMatchObject(refused);
    expect(owner.core().look({ session: null, setupCode: null }).claimed).toBe(false);

    const account = await claimedAccount();
    const use = account.authenticator.use(newChallenge(), { flags: flag.present });
    await expect(account.signIn(use, 'laptop')).rejects.toMatchObject(refused);
    expect(account.signedIn('laptop')).toBe(false);
  });

  const elsewhere: [string, Partial<Said>][] = [
    ['on a page of another site', { origin: 'https://edge.example.net' }],
    ['on another port of the same host', { origin: 'https://edge.example:8443' }],
    ['without TLS', { origin: 'http://edge.example' }],
    ['for another relying party', { rpId: 'example' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['for another challenge', { challenge: newChallenge() }],
    ['in a call of another kind', { type: 'payment.get' }],
    ['by nobody who is there', { flags: flag.verified }],
  ];
  test.each(elsewhere)('that was used %s does not sign in', async (_title, change) => {
    const account = await claimedAccount();
    await expect(account.signIn(account.authenticator.use(newChallenge(), change), 'laptop')).rejects.toMatchObject(
      refused,
    );
    expect(account.signedIn('laptop')).toBe(false);
  });
  test.each(elsewhere)('that was made %s is not taken', async (_title, change) => {
    const account = await claimedAccount();
    const session = account.session('phone');
    const { userHandle } = account.core().beforePasskey({ session });
    const ceremony = createAuthenticator().create({ challenge: newChallenge(), userHandle }, change);
    const added = { session, renewed: { digest: 'x', agent: 'x' }, ceremony, name: 'second' };
    await expect(account.core().addPasskey(added)).rejects.toMatchObject(refused);
    expect(account.passkeys()).toHaveLength(1);
  });

  test('does not sign in with another key, as another account, or when the edge does not know it', async () => {
    const account = await claimedAccount();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const bad = [
      account.authenticator.use(newChallenge(), { by: privateKey }),
      account.authenticator.use(newChallenge(), { userHandle: 'AAAA' }),
      createAuthenticator().use(newChallenge(), { userHandle: 'AAAA' }),
      { ...account.authenticator.use(newChallenge()), credential: 'rubbish' },
      { ...account.authenticator.use(newChallenge()), credential: '{}' },
    ];
    for (const use of bad) await expect(account.signIn(use, 'laptop')).rejects.toMatchObject(refused);
    expect(account.signedIn('laptop')).toBe(false);
  });

  test('answers a challenge once: an answer that was overheard signs nobody in', async () => {
    const account = await claimedAccount();
    // One that keeps no counter, which would give a second use away as well.
    const uncounted = () => account.authenticator.use(newChallenge(), { counter: 0 });
    const use = uncounted();
    await account.signIn(use, 'laptop');
    await expect(account.signIn(use, 'thief')).rejects.toMatchObject(refused);
    const fresh = uncounted();
    const both = await Promise.allSettled([0, 1].map((_, index) => account.signIn(fresh, `tab ${index}`)));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(account.signedIn('thief')).toBe(false);
  });

  test('whose counter goes back is refused, and the owner is told of a copy', async () => {
    const account = await claimedAccount();
    await account.signIn(account.authenticator.use(newChallenge(), { counter: 7 }), 'laptop');
    for (const counter of [7, 6, 0])
      await expect(account.signIn(account.authenticator.use(newChallenge(), { counter }), 'thief')).rejects.toThrow(
        /copy/,
      );
    expect(account.signedIn('thief')).toBe(false);
    expect(account.happened()).toContain('passkey_copied');
    expect(account.passkeys('laptop')).toMatchObject([{ copied: true }]);
    await account.signIn(account.authenticator.use(newChallenge(), { counter: 8 }), 'tablet');
    expect(account.signedIn('tablet')).toBe(true);
  });

  test('that was refused as a copy does not keep its authenticator from a new one: there may be no other', async () => {
    const account = await claimedAccount();
    await account.signIn(account.authenticator.use(newChallenge(), { counter: 7 }), 'laptop');
    const known = (session: string) => account.core().beforePasskey({ session: account.session(session) }).known;
    expect(known('laptop')).toHaveLength(1);
    await expect(account.signIn(account.authenticator.use(newChallenge(), { counter: 1 }))).rejects.toThrow(/copy/);
    await account.recover(account.recoveryCodes[0] ?? '');
    expect(known('new phone')).toEqual([]);
  });

  test('whose counter says nothing for want of a signature accuses nobody', async () => {
    const account = await claimedAccount();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await account.signIn(account.authenticator.use(newChallenge(), { counter: 7 }), 'laptop');
    const forged = account.authenticator.use(newChallenge(), { counter: 1, by: privateKey });
    await expect(account.signIn(forged, 'thief')).rejects.toMatchObject(refused);
    expect(account.happened()).not.toContain('passkey_copied');
  });

  test('may keep no counter at all, as synced ones do', async () => {
    const account = await claimedAccount();
    for (const session of ['one', 'two']) {
      await account.signIn(account.authenticator.use(newChallenge(), { counter: 0 }), session);
      expect(account.signedIn(session)).toBe(true);
    }
  });

  test('is shown as synced once it is, and may not become eligible for it afterwards', async () => {
    const owner = simulateOwner();
    const authenticator = createAuthenticator();
    const asked = { challenge: newChallenge(), userHandle: 'AAAA' };
    const eligible = flag.present | flag.verified | flag.backupEligible;
    const session = { digest: owner.session('phone'), agent: 'phone' };
    const ceremony = authenticator.create(asked, { flags: eligible });
    await owner.core().claim({ setupCode: digestOf('first'), userHandle: 'AAAA', ceremony, passkeyName: 'p', session });
    expect(owner.passkeys()).toMatchObject([{ backedUp: false }]);
    await owner.signIn(authenticator.use(newChallenge(), { flags: eligible | flag.backedUp }), 'laptop');
    expect(owner.passkeys()).toMatchObject([{ backedUp: true }]);
    await expect(owner.signIn(authenticator.use(newChallenge()), 'thief')).rejects.toMatchObject(refused);
  });

  test('with an Ed25519 key that anybody can sign for is not taken', async () => {
    const account = await claimedAccount();
    const session = account.session('phone');
    const { userHandle } = account.core().beforePasskey({ session });
    const weak = new Map<number, unknown>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, new Uint8Array(32)],
    ]);
    const ceremony = createAuthenticator('EdDSA').create({ challenge: newChallenge(), userHandle }, { cose: weak });
    const added = { session, renewed: { digest: 'x', agent: 'x' }, ceremony, name: 'weak' };
    await expect(account.core().addPasskey(added)).rejects.toMatchObject({ code: 'bad_key' });
  });
});

describe('the passkeys of an owner', () => {
  test('are twenty at most, each there once', async () => {
    const account = await claimedAccount();
    await expect(account.add(account.authenticator)).rejects.toMatchObject({ code: 'conflict' });
    for (let count = 1; count < 20; count += 1) await account.add(createAuthenticator());
    await expect(account.add(createAuthenticator())).rejects.toMatchObject({ code: 'conflict' });
    expect(account.passkeys()).toHaveLength(20);
  });

  test('have names that a page can show', async () => {
    const account = await claimedAccount();
    const [passkey] = account.passkeys();
    const session = account.session('phone');
    const rename = (name: string) => account.core().renamePasskey({ session, id: passkey?.id ?? '', name });
    rename('  my\u202Ekey\n<b>  ');
    expect(account.passkeys()).toMatchObject([{ name: 'mykey <b>' }]);
    rename('x'.repeat(1000));
    expect(account.passkeys()[0]?.name).toHaveLength(64);
    expect(() => rename('\u200B')).toThrow(/name/);
  });

  test('can be removed, and the last one cannot', async () => {
    const account = await claimedAccount();
    const second = createAuthenticator();
    await account.add(second);
    const session = account.session('phone');
    const remove = (id: string) => account.core().removePasskey({ session, id });
    remove(account.authenticator.id);
    await expect(account.signIn(account.authenticator.use(newChallenge()), 'thief')).rejects.toMatchObject(refused);
    await account.signIn(second.use(newChallenge()), 'laptop');
    expect(() => remove(second.id)).toThrow(/last passkey/);
    expect(() => remove('nothing')).toThrow(/no such/);
    expect(account.happened().slice(0, 3)).toEqual(['signed_in', 'passkey_removed', 'passkey_added']);
  });
});
