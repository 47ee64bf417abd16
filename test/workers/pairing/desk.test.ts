/** Codes of pairings under way: given out, shown, decided, polled for and forgotten (RFC 8628). */
import { describe, expect, test } from 'vitest';
import { readCode } from '../../../shared/pairing/user-code.ts';
import { codeRequest, deviceId, simulateDesk } from './simulate.ts';

const minutes = (count: number): number => count * 60_000;

describe('a pairing', () => {
  test('goes from a code over a look and a click to an approved device, and is forgotten', async () => {
    const desk = simulateDesk();
    const code = await desk.core().open(codeRequest());
    expect(code).toMatchObject({ expiresIn: 600, interval: 5 });
    expect(code.userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(await desk.poll(code.deviceCode)).toEqual({ state: 'authorization_pending' });
    const shown = desk.core().find(code.userCode);
    const { clientId: _client, sealingKey: _key, ...seen } = codeRequest();
    expect(shown).toEqual({
      ...seen,
      pairingId: expect.any(String),
      requestedAt: desk.clock.now(),
      expiresAt: desk.clock.now() + minutes(10),
    });
    expect(desk.decide(code.userCode)).toBe('decided');
    await desk.clock.advance(5000);
    const { pairingId } = shown ?? { pairingId: '' };
    expect(await desk.poll(code.deviceCode)).toEqual({ state: 'approved', device: { ...codeRequest(), pairingId } });
    desk.core().close(pairingId);
    expect(await desk.poll(code.deviceCode)).toEqual({ state: 'invalid_grant' });
    expect(desk.count('pairing')).toBe(0);
  });

  test('outlives a sleep of the desk', async () => {
    const desk = simulateDesk();
    const code = await desk.core().open(codeRequest());
    desk.sleep();
    expect(desk.decide(code.userCode)).toBe('decided');
    desk.sleep();
    expect(await desk.poll(code.deviceCode)).toMatchObject({ state: 'approved' });
  });

  test('that is refused stays refused', async () => {
    const desk = simulateDesk();
    const code = await desk.core().open(codeRequest());
    expect(desk.decide(code.userCode, false)).toBe('decided');
    for (let poll = 0; poll < 3; poll += 1)
      expect(await desk.poll(code.deviceCode)).toEqual({ state: 'access_denied' });
  });

  test('is found however its code is typed', async () => {
    const desk = simulateDesk();
    const { userCode } = await desk.core().open(codeRequest());
    const plain = readCode(userCode, 8) ?? '';
    for (const typed of [
      plain,
      plain.toLowerCase(),
      ` ${plain.slice(0, 2)} ${plain.slice(2)}. `,
      plain.split('').join('–'),
    ])
      expect(desk.core().find(typed)?.name).toBe('laptop');
    for (const typed of ['', plain.slice(1), `${plain}B`, `A${plain.slice(1)}`, 'x'.repeat(100_000)])
      expect(desk.core().find(typed)).toBeUndefined();
  });

  test('is decided once, and only as the device that was shown', async () => {
    const desk = simulateDesk();
    const { userCode, deviceCode } = await desk.core().open(codeRequest());
    const { pairingId = '' } = desk.core().find(userCode) ?? {};
    const decide = (id: string, approve: boolean) => desk.core().decide({ pairingId, deviceId: id, approve });
    expect(decide(deviceId('another'), true)).toBe('gone');
    expect(decide(deviceId('laptop'), true)).toBe('decided');
    expect(decide(deviceId('laptop'), true)).toBe('gone');
    expect(decide(deviceId('laptop'), false)).toBe('gone');
    expect(desk.core().find(userCode)).toBeUndefined();
    expect(await desk.poll(deviceCode)).toMatchObject({ state: 'approved' });
    expect(desk.core().decide({ pairingId: 'made-up', deviceId: deviceId('laptop'), approve: true })).toBe('gone');
  });

  test('keeps no device code, only its hash', async () => {
    const desk = simulateDesk();
    const { deviceCode } = await desk.core().open(codeRequest());
    expect(Buffer.from(deviceCode, 'base64url')).toHaveLength(32);
    expect(desk.everything()).not.toContain(deviceCode);
    expect(desk.everything()).toContain(deviceId(deviceCode));
  });

  test('never shares its user code with another', async () => {
    // Eight bytes of one value make a code of one letter: the first two pairings draw the same.
    const draws = [7, 7, 9];
    const desk = simulateDesk({
      bytes: (length) =>
        length === 8 ? new Uint8Array(length).fill(draws.shift() ?? 0) : crypto.getRandomValues(new Uint8Array(length)),
    });
    const codes = [await desk.core().open(codeRequest()), await desk.core().open(codeRequest())];
    expect(codes.map(({ userCode }) => userCode)).toEqual(['KKKK-KKKK', 'MMMM-MMMM']);
  });
});

describe('a code in other hands', () => {
  test('is good for its own client and key alone, and a wrong try does not use it up', async () => {
    const desk = simulateDesk();
    const { deviceCode, userCode } = await desk.core().open(codeRequest());
    desk.decide(userCode);
    expect(await desk.poll(deviceCode, deviceId('thief'))).toEqual({ state: 'invalid_grant' });
    const asAnother = { deviceCode, clientId: 'another', deviceId: deviceId('laptop') };
    expect(await desk.core().poll(asAnother)).toEqual({ state: 'invalid_grant' });
    expect(await desk.poll(deviceCode)).toMatchObject({ state: 'approved' });
  });

  test('does not slow down whom it was given to', async () => {
    const desk = simulateDesk();
    const { deviceCode } = await desk.core().open(codeRequest());
    await desk.poll(deviceCode);
    await desk.clock.advance(4900);
    await desk.poll(deviceCode, deviceId('thief'));
    await desk.clock.advance(100);
    expect(await desk.poll(deviceCode)).toEqual({ state: 'authorization_pending' });
  });

  test('that was made up is told nothing', async () => {
    const desk = simulateDesk();
    await desk.core().open(codeRequest());
    for (const code of ['', 'x', 'x'.repeat(16_000)]) expect(await desk.poll(code)).toEqual({ state: 'invalid_grant' });
  });
});

describe('the interval', () => {
  test('widens by five seconds for good at each poll that comes too soon', async () => {
    const desk = simulateDesk();
    const { deviceCode } = await desk.core().open(codeRequest());
    const pollAfter = async (ms: number) => {
      await desk.clock.advance(ms);
      return (await desk.poll(deviceCode)).state;
    };
    expect(await pollAfter(0)).toBe('authorization_pending');
    expect(await pollAfter(5000)).toBe('authorization_pending');
    expect(await pollAfter(3000)).toBe('slow_down');
    // Ten seconds now, counted from the poll that was too soon.
    expect(await pollAfter(8000)).toBe('slow_down');
    expect(await pollAfter(15_000)).toBe('authorization_pending');
    expect(await pollAfter(13_000)).toBe('slow_down');
    expect(await pollAfter(20_000)).toBe('authorization_pending');
    desk.sleep();
    expect(await pollAfter(18_000)).toBe('slow_down');
  });

  test('forgives a second, for timers and networks that hurry', async () => {
    const desk = simulateDesk();
    const { deviceCode } = await desk.core().open(codeRequest());
    await desk.poll(deviceCode);
    await desk.clock.advance(4000);
    expect((await desk.poll(deviceCode)).state).toBe('authorization_pending');
    await desk.clock.advance(3999);
    expect((await desk.poll(deviceCode)).state).toBe('slow_down');
  });

  test('holds up nobody who is approved or refused', async () => {
    const desk = simulateDesk();
    const [one, other] = [await desk.core().open(codeRequest()), await desk.core().open(codeRequest())];
    for (const { deviceCode } of [one, other]) await desk.poll(deviceCode);
    desk.decide(one.userCode);
    desk.decide(other.userCode, false);
    expect((await desk.poll(one.deviceCode)).state).toBe('approved');
    expect((await desk.poll(other.deviceCode)).state).toBe('access_denied');
  });
});

describe('the end of a pairing', () => {
  test('comes after ten minutes: nothing is shown, decided or redeemed any more', async () => {
    const desk = simulateDesk();
    const [waiting, approved] = [await desk.core().open(codeRequest()), await desk.core().open(codeRequest())];
    const shown = desk.core().find(waiting.userCode);
    desk.decide(approved.userCode);
    await desk.clock.advance(minutes(10) - 1);
    expect(desk.core().find(waiting.userCode)).toBeDefined();
    await desk.clock.advance(1);
    expect(desk.core().find(waiting.userCode)).toBeUndefined();
    const decision = { pairingId: shown?.pairingId ?? '', deviceId: deviceId('laptop'), approve: true };
    expect(desk.core().decide(decision)).toBe('gone');
    expect(await desk.poll(waiting.deviceCode)).toEqual({ state: 'expired_token' });
    expect(await desk.poll(approved.deviceCode)).toEqual({ state: 'expired_token' });
  });

  test('is told for ten minutes more; then the alarm sweeps it away', async () => {
    const desk = simulateDesk();
    const { deviceCode } = await desk.core().open(codeRequest());
    await desk.clock.advance(minutes(1));
    const later = await desk.core().open(codeRequest());
    await desk.clock.advance((desk.alarmAt() ?? 0) - desk.clock.now());
    expect((await desk.poll(deviceCode)).state).toBe('expired_token');
    desk.ring();
    expect((await desk.poll(deviceCode)).state).toBe('invalid_grant');
    expect((await desk.poll(later.deviceCode)).state).toBe('expired_token');
    await desk.clock.advance((desk.alarmAt() ?? 0) - desk.clock.now());
    desk.ring();
    expect([desk.count('pairing'), desk.alarmAt()]).toEqual([0, null]);
  });

  test('is swept later when the disk fails', async () => {
    const desk = simulateDesk();
    await desk.core().open(codeRequest());
    await desk.clock.advance(minutes(21));
    desk.failAfter(0);
    desk.ring();
    expect(desk.alarmAt()).toBe(desk.clock.now() + minutes(1));
    desk.failAfter(100);
    desk.ring();
    expect(desk.count('pairing')).toBe(0);
  });
});

describe('how many', () => {
  let devices = 0;
  const from = (network: string | null, device = `device ${(devices += 1)}`) =>
    codeRequest({ deviceId: deviceId(device), place: { network, city: null, region: null, country: null } });

  test('five from one network, until they end', async () => {
    const desk = simulateDesk();
    for (let pairing = 0; pairing < 5; pairing += 1) await desk.core().open(from('192.0.2.1'));
    await expect(desk.core().open(from('192.0.2.1'))).rejects.toMatchObject({ code: 'rate_limited' });
    await desk.core().open(from('192.0.2.2'));
    await desk.clock.advance(minutes(10));
    await desk.core().open(from('192.0.2.1'));
  });

  test('a sixth of the same device takes the place of its oldest, for somebody who began again and again', async () => {
    const desk = simulateDesk();
    const codes = [];
    for (let pairing = 0; pairing < 8; pairing += 1) {
      desk.clock.jump(1);
      codes.push(await desk.core().open(from('192.0.2.1', 'laptop')));
    }
    const found = codes.map(({ userCode }) => desk.core().find(userCode) !== undefined);
    expect(found).toEqual([false, false, false, true, true, true, true, true]);
    await expect(desk.core().open(from('192.0.2.1', 'another'))).rejects.toMatchObject({ code: 'rate_limited' });
    // From elsewhere nobody takes anything away by naming its device.
    await desk.core().open(from('192.0.2.2', 'laptop'));
    expect(desk.decide(codes.at(3)?.userCode ?? '')).toBe('decided');
  });

  test('asked for at once, no more', async () => {
    const desk = simulateDesk();
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => desk.core().open(from('192.0.2.1'))));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  test('a refused one still counts, so that refusing makes no room for the next try', async () => {
    const desk = simulateDesk();
    for (let pairing = 0; pairing < 5; pairing += 1)
      desk.decide((await desk.core().open(from('192.0.2.1', 'laptop'))).userCode, false);
    await expect(desk.core().open(from('192.0.2.1', 'laptop'))).rejects.toMatchObject({ code: 'rate_limited' });
  });

  /** The desk, full of what somebody asked for who has many networks. */
  async function fill(desk: ReturnType<typeof simulateDesk>, network: (index: number) => string, each = 5) {
    const codes = [];
    for (let index = 0; codes.length < 200; index += 1)
      for (let again = 0; again < each; again += 1) {
        desk.clock.jump(1);
        codes.push(await desk.core().open(from(network(index), 'laptop')));
      }
    desk.clock.jump(1);
    return codes;
  }

  test('two hundred in all', async () => {
    const desk = simulateDesk();
    await fill(desk, (index) => `192.0.${index}.1`);
    for (const elsewhere of ['198.51.100.1', '2001:db8:1:2', null]) await desk.core().open(from(elsewhere));
    expect(desk.count('pairing')).toBe(200);
  });

  test('so many that somebody with all networks of a line, or of a block of addresses, keeps nobody else out', async () => {
    for (const network of [
      (index: number) => `2001:db8:1:${index.toString(16)}`,
      (index: number) => `192.0.2.${index}`,
    ]) {
      const desk = simulateDesk();
      const [first, second] = await fill(desk, network);
      const mine = await desk.core().open(from('198.51.100.1', 'laptop'));
      // The oldest one made way; its device is told as much, and the others are left alone.
      expect(await desk.poll(first?.deviceCode ?? '')).toEqual({ state: 'invalid_grant' });
      expect(await desk.poll(second?.deviceCode ?? '')).toEqual({ state: 'authorization_pending' });
      for (let index = 100; index < 255; index += 1)
        await expect(desk.core().open(from(network(index)))).rejects.toMatchObject({ code: 'rate_limited' });
      expect(desk.decide(mine.userCode)).toBe('decided');
      expect(await desk.poll(mine.deviceCode)).toMatchObject({ state: 'approved' });
      expect(desk.count('pairing')).toBe(200);
    }
  });

  test('of which one that was decided makes way for nobody', async () => {
    const desk = simulateDesk();
    const codes = await fill(desk, (index) => `192.0.2.${index}`);
    for (const { userCode } of codes.slice(0, 199)) desk.decide(userCode);
    await desk.core().open(from('198.51.100.1'));
    for (const { deviceCode } of codes.slice(0, 199))
      expect(await desk.poll(deviceCode)).toMatchObject({ state: 'approved' });
    expect(await desk.poll(codes[199]?.deviceCode ?? '')).toEqual({ state: 'invalid_grant' });
    await expect(desk.core().open(from('198.51.100.2'))).rejects.toMatchObject({ code: 'rate_limited' });
  });

  test('of which the oldest makes way when they come from everywhere, and a second one from anywhere has to wait', async () => {
    const desk = simulateDesk();
    const codes = await fill(desk, (index) => `192.0.${index}.1`, 1);
    await expect(desk.core().open(from('192.0.7.2'))).rejects.toMatchObject({ code: 'rate_limited' });
    const mine = await desk.core().open(from('198.51.100.1', 'laptop'));
    expect(desk.decide(codes[0]?.userCode ?? '')).toBe('gone');
    for (let index = 201; index < 256; index += 1) {
      desk.clock.jump(1);
      await desk.core().open(from(`192.0.${index}.1`));
    }
    expect(desk.decide(mine.userCode)).toBe('decided');
  });

  test('nobody counts as a network where there are no addresses', async () => {
    const desk = simulateDesk();
    for (let pairing = 0; pairing < 20; pairing += 1) await desk.core().open(from(null));
  });
});
