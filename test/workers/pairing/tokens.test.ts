/** Refresh tokens: one use each, and what happens when one comes twice (decision 051, RFC 9700 section 4.14). */
import { PryxError } from '../../../shared/error.ts';
import { describe, expect, test } from 'vitest';
import { maxProofs } from '../../../workers/pairing/account/proofs.ts';
import { idleFamilyMs } from '../../../workers/pairing/account/token-families.ts';
import { deviceId, simulateAccount } from './simulate.ts';

const form = /^pryx_rt_[\w-]{63}$/;

describe('a refresh token', () => {
  test('is good for one use, and yields the next', async () => {
    const account = simulateAccount();
    let token = await account.pair('laptop');
    const seen = new Set([token]);
    for (let use = 0; use < 10; use += 1) {
      token = await account.refresh('laptop', token);
      expect(token).toMatch(form);
      seen.add(token);
    }
    expect(seen.size).toBe(11);
    expect(account.stateOf('laptop')?.state).toBe('paired');
  });

  test('is kept as a hash alone', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    const second = await account.refresh('laptop', first);
    for (const token of [first, second]) {
      // What stands behind the name of the family is the secret.
      expect(account.everything()).not.toContain(token.slice(28));
      expect(account.everything()).toContain(deviceId(token));
    }
  });

  test('outlives a restart of the account', async () => {
    const account = simulateAccount();
    const token = await account.pair('laptop');
    account.restart();
    expect(await account.refresh('laptop', token)).toMatch(form);
  });

  test('whose answer was lost is taken again, and what was given for it is good until one of it is used', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    const lost = await account.refresh('laptop', first);
    const again = await account.refresh('laptop', first);
    const oncemore = await account.refresh('laptop', first);
    expect(new Set([lost, again, oncemore]).size).toBe(3);
    expect(await account.refresh('laptop', again)).toMatch(form);
    expect(account.stateOf('laptop')?.state).toBe('paired');
    expect(account.happened()).toEqual(['device_paired laptop']);
    for (const voided of [lost, oncemore]) expect(await account.refresh('laptop', voided)).toBe('invalid_grant');
    expect(account.stateOf('laptop')?.revokedBecause).toBe('token_reuse');
  });

  test('whose first request arrives after its repetition harms nobody, whichever answer is late', async () => {
    for (const arrived of [0, 1]) {
      const account = simulateAccount();
      const first = await account.pair('laptop');
      const answers = await Promise.all([account.refresh('laptop', first), account.refresh('laptop', first)]);
      expect(answers[0]).not.toBe(answers[1]);
      expect(await account.refresh('laptop', answers[arrived] ?? '')).toMatch(form);
      expect(account.stateOf('laptop')?.state).toBe('paired');
    }
  });

  test('leaves no more than eight that wait to be used', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    for (let time = 0; time < 50; time += 1) await account.refresh('laptop', first);
    expect(account.count('unused_token')).toBe(8);
  });

  test('that nobody used for half a year is dead, and no alarm', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    await account.clock.advance(idleFamilyMs);
    const second = await account.refresh('laptop', first);
    expect(second).toMatch(form);
    await account.clock.advance(idleFamilyMs + 1);
    expect(await account.refresh('laptop', second)).toBe('invalid_grant');
    expect(account.happened()).toEqual(['device_paired laptop']);
  });
});

describe('reuse', () => {
  const reuses: [title: string, reuse: (tokens: string[], voided: string) => string][] = [
    ['of the token before last', ([first = '']) => first],
    ['of a token whose successor was used', ([, second = '']) => second],
    ['of a token that was voided', (_tokens, voided) => voided],
  ];
  for (const [title, choose] of reuses)
    test(`${title} puts the device out and keeps its messages`, async () => {
      const account = simulateAccount();
      const first = await account.pair('laptop');
      const voided = await account.refresh('laptop', first);
      const second = await account.refresh('laptop', first);
      const third = await account.refresh('laptop', second);
      const fourth = await account.refresh('laptop', third);
      expect(await account.refresh('laptop', choose([first, second], voided))).toBe('invalid_grant');
      expect(account.told).toEqual(['admit laptop', 'shut laptop']);
      expect(account.stateOf('laptop')).toMatchObject({ state: 'revoked', revokedBecause: 'token_reuse' });
      expect(account.happened()).toEqual(['token_reuse laptop', 'device_paired laptop']);
      // Whoever has the newest one has nothing.
      expect(await account.refresh('laptop', fourth)).toBe('invalid_grant');
      expect(account.count('event')).toBe(2);
    });

  test('of a token from years and thousands of uses ago is still known for what it is', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    let token = first;
    for (let use = 0; use < 1000; use += 1) {
      await account.clock.advance(700_000);
      token = await account.refresh('laptop', token);
    }
    expect(account.count('token_family')).toBe(1);
    await account.refresh('laptop', first);
    expect(account.stateOf('laptop')?.revokedBecause).toBe('token_reuse');
  });

  test('of a token from before the device was paired again is no alarm', async () => {
    const account = simulateAccount();
    const old = await account.pair('laptop');
    const older = await account.refresh('laptop', old);
    const fresh = await account.pair('laptop');
    for (const token of [old, older]) expect(await account.refresh('laptop', token)).toBe('invalid_grant');
    expect(await account.refresh('laptop', fresh)).toMatch(form);
  });

  test('that could not shut the mailbox is seen to by the alarm, and still keeps the messages', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    const second = await account.refresh('laptop', first);
    await account.refresh('laptop', second);
    account.meet(async () => {
      throw new PryxError('unavailable', 'network connection lost');
    });
    expect(await account.refresh('laptop', first)).toBe('invalid_grant');
    account.meet(async () => undefined);
    await account.ring();
    expect(account.told).toEqual(['admit laptop', 'shut laptop']);
  });

  test('is followed by the owner, who may empty the mailbox all the same', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    const second = await account.refresh('laptop', first);
    await account.refresh('laptop', second);
    await account.refresh('laptop', first);
    await account.revoke('laptop');
    expect(account.told).toEqual(['admit laptop', 'shut laptop', 'empty laptop']);
    expect(account.stateOf('laptop')?.revokedBecause).toBe('owner');
  });
});

describe('a refresh token in other hands', () => {
  test('is of no use to another key, and its device does not suffer for it', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    await account.pair('pi');
    const second = await account.refresh('laptop', first);
    for (const thief of ['stranger', 'pi'])
      for (const token of [first, second]) expect(await account.refresh(thief, token)).toBe('invalid_grant');
    expect(await account.refresh('laptop', second)).toMatch(form);
    expect(
      account
        .core()
        .devices()
        .every(({ state }) => state === 'paired'),
    ).toBe(true);
  });

  test('leaves nothing behind of strangers', async () => {
    const account = simulateAccount();
    const token = await account.pair('laptop');
    await account.refresh('stranger', token);
    await account.refresh('laptop', `pryx_rt_${'x'.repeat(63)}`);
    expect(account.count('proof')).toBe(0);
  });

  test('that was made up or bent is told nothing', async () => {
    const account = simulateAccount();
    const token = await account.pair('laptop');
    const bent = [
      '',
      'x',
      `${token}x`,
      token.slice(0, -1),
      token.toUpperCase(),
      ` ${token}`,
      `pryx_rt_${'x'.repeat(63)}`,
    ];
    for (const text of bent) expect(await account.refresh('laptop', text)).toBe('invalid_grant');
    expect(account.stateOf('laptop')?.state).toBe('paired');
  });
});

describe('a proof at the token endpoint', () => {
  test('is taken once, for any token, even after a restart', async () => {
    const account = simulateAccount();
    const token = await account.pair('laptop');
    const next = await account.refresh('laptop', token, 'the-proof');
    account.restart();
    for (const given of [token, next])
      await expect(account.refresh('laptop', given, 'the-proof')).rejects.toMatchObject({ code: 'bad_proof' });
    expect(() => account.core().takeProof({ deviceId: account.idOf('laptop'), proofId: 'the-proof' })).toThrow(
      expect.objectContaining({ code: 'bad_proof' }),
    );
    expect(await account.refresh('laptop', next)).toMatch(form);
  });

  test('of one device says nothing of the same number by another', async () => {
    const account = simulateAccount();
    account.core().takeProof({ deviceId: account.idOf('laptop'), proofId: 'one' });
    account.core().takeProof({ deviceId: account.idOf('pi'), proofId: 'one' });
  });

  test('is one of so many that a device may use in ten minutes', async () => {
    const account = simulateAccount();
    const take = (name: string) =>
      account.core().takeProof({ deviceId: account.idOf(name), proofId: account.newProof() });
    for (let proof = 0; proof < maxProofs; proof += 1) take('laptop');
    expect(() => take('laptop')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
    take('pi');
    await account.clock.advance(10 * 60 * 1000);
    take('laptop');
    expect(account.count('proof')).toBe(2);
  });
});

describe('a device that is given up', () => {
  test('goes by a refresh token, the last one or the one before, and keeps its messages, for it need not have been itself', async () => {
    for (const choose of [0, 1]) {
      const account = simulateAccount();
      const first = await account.pair('laptop');
      const tokens = [first, await account.refresh('laptop', first)];
      expect(await account.core().revokeToken({ refreshToken: tokens[choose] ?? '' })).toBe('revoked');
      expect(account.stateOf('laptop')?.revokedBecause).toBe('token_revoked');
      expect(account.happened()).toEqual(['token_revoked laptop', 'device_paired laptop']);
      expect(account.told).toEqual(['admit laptop', 'shut laptop']);
      expect(await account.core().revokeToken({ refreshToken: tokens[choose] ?? '' })).toBe('unknown');
    }
  });

  test('goes by an access token of its present pairing', async () => {
    const account = simulateAccount();
    const seconds = () => Math.floor(account.clock.now() / 1000);
    await account.clock.advance(500);
    await account.pair('laptop');
    const before = seconds();
    // At once: no token of the old pairing is of the same second as one of the new.
    await account.pair('laptop');
    const after = seconds();
    const revoke = (issuedAt: number, name = 'laptop') =>
      account.core().revokeToken({ deviceId: account.idOf(name), issuedAt });
    expect(await revoke(before)).toBe('unknown');
    expect(await revoke(after, 'stranger')).toBe('unknown');
    expect(account.stateOf('laptop')?.state).toBe('paired');
    expect(await revoke(after)).toBe('revoked');
    expect(await revoke(after)).toBe('unknown');
  });

  test('is not given up by what was used up, or made up', async () => {
    const account = simulateAccount();
    const first = await account.pair('laptop');
    await account.refresh('laptop', await account.refresh('laptop', first));
    for (const refreshToken of [first, '', 'x', `${first.slice(0, 28)}${'x'.repeat(43)}`])
      expect(await account.core().revokeToken({ refreshToken })).toBe('unknown');
    expect(account.stateOf('laptop')?.state).toBe('paired');
  });
});
