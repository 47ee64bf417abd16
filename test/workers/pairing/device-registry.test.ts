/** The owner's devices: let in, renamed, put out, and let in again, whatever breaks in between. */
import { PryxError } from '../../../shared/error.ts';
import { describe, expect, test } from 'vitest';
import { maxEvents } from '../../../workers/pairing/account/events.ts';
import { retryShutMs } from '../../../workers/pairing/account/keep-devices.ts';
import { simulateAccount } from './simulate.ts';

const owner = { kind: 'owner' } as const;

const fail = async (): Promise<void> => {
  throw new PryxError('unavailable', 'network connection lost');
};
const work = async (): Promise<void> => undefined;

describe('a device that its owner approved', () => {
  test('is let into its mailbox, and then listed', async () => {
    const account = simulateAccount();
    expect(account.core().devices()).toEqual([]);
    await account.pair('laptop');
    expect(account.told).toEqual(['admit laptop']);
    expect(account.core().devices()).toEqual([
      {
        deviceId: account.idOf('laptop'),
        name: 'laptop',
        platform: 'Linux',
        state: 'paired',
        revokedBecause: null,
        pairedAt: account.clock.now(),
        revokedAt: null,
      },
    ]);
    await account.clock.advance(1);
    await account.pair('pi');
    expect(
      account
        .core()
        .devices()
        .map(({ name }) => name),
    ).toEqual(['pi', 'laptop']);
    expect(account.happened()).toEqual(['device_paired pi', 'device_paired laptop']);
  });

  test('is not listed when its mailbox could not be opened, and its code is still good', async () => {
    const account = simulateAccount();
    account.meet(fail);
    await expect(account.admit('laptop', 'pairing')).rejects.toThrow('network connection lost');
    expect([account.core().devices(), account.happened()]).toEqual([[], []]);
    account.meet(work);
    expect(await account.admit('laptop', 'pairing')).toMatchObject({ state: 'admitted' });
  });

  test('is not listed by halves when the disk fails', async () => {
    for (let writes = 0; writes < 4; writes += 1) {
      const account = simulateAccount();
      account.failAfter(writes);
      await expect(account.admit('laptop', 'pairing')).rejects.toThrow('disk I/O error');
      account.failAfter(Number.POSITIVE_INFINITY);
      expect(['device', 'token_family', 'redeemed', 'event'].map(account.count)).toEqual([0, 0, 0, 0]);
      expect(await account.admit('laptop', 'pairing')).toMatchObject({ state: 'admitted' });
    }
  });

  test('is let in once for a pairing, however many ask at once', async () => {
    const account = simulateAccount();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => account.admit('laptop', 'pairing')));
    expect(outcomes.map(({ state }) => state).sort()).toEqual([
      'admitted',
      'redeemed',
      'redeemed',
      'redeemed',
      'redeemed',
    ]);
    // Letting it in again would have made the first one's tokens old.
    expect(account.told).toEqual(['admit laptop']);
    account.restart();
    expect(await account.admit('laptop', 'pairing')).toEqual({ state: 'redeemed' });
  });

  test('is let in once for a pairing even after a later one', async () => {
    const account = simulateAccount();
    await account.admit('laptop', 'first');
    await account.admit('laptop', 'second');
    expect(await account.admit('laptop', 'first')).toEqual({ state: 'redeemed' });
  });

  test('may be one of sixty-four; those that are revoked make way, the oldest first', async () => {
    const account = simulateAccount();
    for (let device = 0; device < 64; device += 1) await account.pair(`device ${device}`);
    expect(await account.admit('one more')).toEqual({ state: 'full' });
    expect(account.told).not.toContain('admit one more');
    // One of the sixty-four comes back as it likes.
    await account.pair('device 7');
    for (const device of [9, 3]) {
      await account.clock.advance(1);
      await account.revoke(`device ${device}`);
    }
    await account.pair('one more');
    expect(account.stateOf('device 9')).toBeUndefined();
    expect(account.stateOf('device 3')?.state).toBe('revoked');
    expect(account.count('device')).toBe(64);
  });

  test('does not take the place of a revoked one whose mailbox is still open', async () => {
    const account = simulateAccount();
    for (let device = 0; device < 64; device += 1) await account.pair(`device ${device}`);
    account.meet(fail);
    await account.revoke('device 0');
    account.meet(work);
    expect(await account.admit('one more')).toEqual({ state: 'full' });
    await account.ring();
    expect(await account.admit('one more')).toMatchObject({ state: 'admitted' });
  });
});

describe('a name', () => {
  test('is changed by the owner or by a device, and the owner sees by whom', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    await account.pair('pi');
    const deviceId = account.idOf('laptop');
    account.core().renameDevice({ deviceId, name: 'work', by: owner });
    account.core().renameDevice({ deviceId, name: 'work', by: owner });
    account.core().renameDevice({ deviceId, name: 'home', by: { kind: 'device', deviceId: account.idOf('pi') } });
    expect(account.stateOf('laptop')?.name).toBe('home');
    expect(account.events().slice(0, 2)).toMatchObject([
      {
        at: account.clock.now(),
        kind: 'device_renamed',
        deviceId,
        deviceName: 'home',
        byDevice: account.idOf('pi'),
      },
      { at: account.clock.now(), kind: 'device_renamed', deviceId, deviceName: 'work', byDevice: null },
    ]);
    expect(account.count('event')).toBe(4);
  });

  test('of a device that is not there is not found', async () => {
    const account = simulateAccount();
    expect(() => account.core().renameDevice({ deviceId: account.idOf('x'), name: 'y', by: owner })).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
    await expect(account.revoke('x')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a revocation', () => {
  test('by the owner ends the tokens and empties the mailbox; again is no error', async () => {
    const account = simulateAccount();
    const token = await account.pair('laptop');
    await account.revoke('laptop');
    await account.revoke('laptop');
    expect(account.told).toEqual(['admit laptop', 'empty laptop']);
    expect(account.stateOf('laptop')).toMatchObject({
      state: 'revoked',
      revokedBecause: 'owner',
      revokedAt: account.clock.now(),
    });
    expect(await account.refresh('laptop', token)).toBe('invalid_grant');
    expect(account.happened()).toEqual(['device_revoked laptop', 'device_paired laptop']);
  });

  test('says whether it was the device itself or another one in its owner’s name', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    await account.pair('pi');
    const by = (name: string) => ({ kind: 'device', deviceId: account.idOf(name) }) as const;
    await account.core().revokeDevice({ deviceId: account.idOf('laptop'), by: by('pi') });
    await account.core().revokeDevice({ deviceId: account.idOf('pi'), by: by('pi') });
    expect(account.stateOf('laptop')?.revokedBecause).toBe('owner');
    expect(account.stateOf('pi')?.revokedBecause).toBe('device');
    expect(account.events().map(({ byDevice }) => byDevice)).toEqual([
      account.idOf('pi'),
      account.idOf('pi'),
      null,
      null,
    ]);
  });

  test('whose call to the mailbox fails is done by the alarm, which tries until it is', async () => {
    const account = simulateAccount();
    const token = await account.pair('laptop');
    account.meet(fail);
    await account.revoke('laptop');
    expect(await account.refresh('laptop', token)).toBe('invalid_grant');
    expect(account.alarmAt()).toBe(account.clock.now() + retryShutMs);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await account.ring();
      waits.push((account.alarmAt() ?? 0) - account.clock.now());
    }
    // Longer each time, and never longer than five minutes.
    expect(waits.map((ms) => ms / 1000)).toEqual([10, 20, 40, 80, 160, 300, 300, 300, 300]);
    account.meet(work);
    await account.ring();
    expect(account.told).toEqual(['admit laptop', 'empty laptop']);
    await account.ring();
    expect(account.told).toEqual(['admit laptop', 'empty laptop']);
  });

  test('that is repeated by its owner is tried at once', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    account.meet(fail);
    await account.revoke('laptop');
    account.meet(work);
    await account.revoke('laptop');
    expect(account.told).toEqual(['admit laptop', 'empty laptop']);
  });

  test('that was cut short before its call is done when the account wakes again', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    const call = account.holdNext();
    const cut = account.revoke('laptop');
    await call.started;
    // The object dies with the call under way, and with it the alarm that it had in mind.
    account.restart();
    expect(account.alarmAt()).toBe(account.clock.now());
    await account.ring();
    expect(account.told).toEqual(['admit laptop', 'empty laptop']);
    call.letGo();
    await cut;
  });

  test('cannot be noted by halves when the disk fails', async () => {
    for (let writes = 0; writes < 4; writes += 1) {
      const account = simulateAccount();
      const token = await account.pair('laptop');
      account.failAfter(writes);
      await expect(account.revoke('laptop')).rejects.toThrow('disk I/O error');
      account.failAfter(Number.POSITIVE_INFINITY);
      expect(account.stateOf('laptop')?.state).toBe('paired');
      expect(await account.refresh('laptop', token)).toMatch(/^pryx_rt_/);
    }
  });

  test('of a mailbox that hangs holds up no other', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    await account.pair('pi');
    const call = account.holdNext();
    const hanging = account.revoke('laptop');
    await call.started;
    await account.revoke('pi');
    expect(account.told).toContain('empty pi');
    call.letGo();
    await hanging;
    expect(account.told.at(-1)).toBe('empty laptop');
  });
});

describe('a device that comes back', () => {
  test('is the same one, under the name that it has now', async () => {
    const account = simulateAccount();
    const old = await account.pair('laptop');
    await account.revoke('laptop');
    await account.clock.advance(1000);
    const fresh = await account.pair('laptop');
    expect(account.core().devices()).toHaveLength(1);
    expect(account.stateOf('laptop')).toMatchObject({
      state: 'paired',
      revokedBecause: null,
      revokedAt: null,
      pairedAt: account.clock.now(),
    });
    expect(await account.refresh('laptop', old)).toBe('invalid_grant');
    expect(await account.refresh('laptop', fresh)).toMatch(/^pryx_rt_/);
  });

  test('is not shut out by the revocation that was still to be done', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    account.meet(fail);
    await account.revoke('laptop');
    account.meet(work);
    await account.pair('laptop');
    await account.ring();
    expect(account.told).toEqual(['admit laptop', 'admit laptop']);
    expect(account.stateOf('laptop')?.state).toBe('paired');
  });

  test('waits for a revocation that is under way, so that the mailbox ends up open', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    const call = account.holdNext();
    const revoking = account.revoke('laptop');
    await call.started;
    const pairing = account.pair('laptop');
    call.letGo();
    await Promise.all([revoking, pairing]);
    expect(account.told).toEqual(['admit laptop', 'empty laptop', 'admit laptop']);
    expect(account.stateOf('laptop')?.state).toBe('paired');
  });

  test('stays out when its owner revokes it while it comes in, and the mailbox ends up shut', async () => {
    const account = simulateAccount();
    await account.pair('laptop');
    const call = account.holdNext();
    const pairing = account.admit('laptop', 'again');
    await call.started;
    const revoking = account.revoke('laptop');
    call.letGo();
    expect(await pairing).toEqual({ state: 'revoked' });
    await revoking;
    expect(account.told).toEqual(['admit laptop', 'admit laptop', 'empty laptop']);
    expect(account.stateOf('laptop')?.state).toBe('revoked');
  });
});

describe('a device that is not paired', () => {
  const notAllowed = { revoked: ['revoked', 'stolen'], not_paired: ['unknown', 'stranger'] } as const;
  for (const [code, [state, name]] of Object.entries(notAllowed))
    test(`because it is ${state} renames and revokes none, though its mailbox lets it in still`, async () => {
      const account = simulateAccount();
      for (const paired of ['laptop', 'stolen']) await account.pair(paired);
      account.meet(fail);
      await account.revoke('stolen');
      account.meet(work);
      const by = { kind: 'device', deviceId: account.idOf(name) } as const;
      const deviceId = account.idOf('laptop');
      await expect(account.core().revokeDevice({ deviceId, by })).rejects.toMatchObject({ code });
      expect(() => account.core().renameDevice({ deviceId, name: 'x', by })).toThrow(expect.objectContaining({ code }));
      expect(account.stateOf('laptop')).toMatchObject({ state: 'paired', name: 'laptop' });
    });
});

describe('what the owner is told', () => {
  test('is the last two hundred things', async () => {
    const account = simulateAccount();
    for (let count = 1; count <= maxEvents + 50; count += 1) await account.pair('laptop');
    expect(account.events()).toHaveLength(200);
    expect(account.count('event')).toBe(200);
  });

  test('cannot be washed away by a device that renames itself and others', async () => {
    const account = simulateAccount();
    for (const name of ['laptop', 'stolen']) await account.pair(name);
    const by = { kind: 'device', deviceId: account.idOf('stolen') } as const;
    await account.core().revokeDevice({ deviceId: account.idOf('laptop'), by });
    for (let count = 1; count <= maxEvents; count += 1)
      for (const name of ['laptop', 'stolen'])
        account.core().renameDevice({ deviceId: account.idOf(name), name: `name ${count}`, by });
    account.core().renameDevice({ deviceId: account.idOf('laptop'), name: 'laptop again', by: owner });
    expect(account.happened()).toEqual([
      'device_renamed laptop again',
      'device_renamed name 200',
      'device_renamed name 200',
      'device_revoked laptop',
      'device_paired stolen',
      'device_paired laptop',
    ]);
  });
});

describe('the alarm', () => {
  test('rings each hour whatever happens, and is not lost when the disk fails', async () => {
    const account = simulateAccount();
    const hour = 60 * 60 * 1000;
    expect(account.alarmAt()).toBe(account.clock.now() + hour);
    await account.clock.advance(hour);
    await account.ring();
    expect(account.alarmAt()).toBe(account.clock.now() + hour);
    account.failAfter(0);
    await account.ring();
    expect(account.alarmAt()).toBe(account.clock.now() + hour / 12);
  });

  test('forgets proofs and redeemed pairings once they are of no use', async () => {
    const account = simulateAccount();
    const token = await account.pair('laptop');
    await account.refresh('laptop', token);
    expect([account.count('proof'), account.count('redeemed')]).toEqual([1, 1]);
    await account.clock.advance(10 * 60 * 1000);
    await account.ring();
    expect([account.count('proof'), account.count('redeemed')]).toEqual([0, 1]);
    await account.clock.advance(50 * 60 * 1000);
    await account.ring();
    expect(account.count('redeemed')).toBe(0);
  });
});
