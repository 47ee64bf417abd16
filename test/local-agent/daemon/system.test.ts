import { describe, expect, it } from 'vitest';
import { createSystemClock, systemRandom } from '../../../local-agent/daemon/system.ts';

function fakeTimes() {
  const time = { wall: 1_000_000, monotonic: 50 };
  const clock = createSystemClock(
    () => Math.floor(time.wall),
    () => time.monotonic,
  );
  const pass = (wall: number, monotonic = wall) => {
    time.wall += wall;
    time.monotonic += monotonic;
    return clock.now();
  };
  return { clock, pass };
}

describe('the clock', () => {
  it('has fractions of a millisecond, and does not flicker with the coarse wall clock', () => {
    const { clock, pass } = fakeTimes();
    expect(clock.now()).toBe(1_000_000);
    expect(pass(0.25)).toBe(1_000_000.25);
    expect(pass(0.9)).toBeCloseTo(1_000_001.15, 6);
    expect(pass(10_000.1)).toBeCloseTo(1_010_001.25, 6);
  });

  it('is right again at once when the machine slept, though the monotonic clock stood still', () => {
    const { pass } = fakeTimes();
    expect(pass(8 * 3_600_000, 5)).toBeCloseTo(1_000_000 + 8 * 3_600_000, 6);
    expect(pass(10)).toBeCloseTo(1_000_000 + 8 * 3_600_000 + 10, 6);
  });

  it('never goes back when the wall clock is set back: it goes slower until they meet', () => {
    const { clock, pass } = fakeTimes();
    clock.now();
    expect(pass(-1000, 0)).toBe(1_000_000);
    expect(pass(1000)).toBe(1_000_500);
    let before = clock.now();
    for (let second = 0; second < 3; second++) {
      const now = pass(1000);
      expect(now).toBeGreaterThan(before);
      before = now;
    }
    expect(Math.abs(before - 1_003_000)).toBeLessThanOrEqual(20);
  });

  it('tells the time of day', () => {
    const real = createSystemClock();
    expect(Math.abs(real.now() - Date.now())).toBeLessThan(60_000);
    expect(Math.abs(real.now() - Date.now())).toBeLessThan(60_000);
  });

  it('wakes a sleeper, or tells it why not', async () => {
    const { clock } = fakeTimes();
    await clock.sleep(1);
    await clock.sleep(-5);
    const stopping = new AbortController();
    const reason = new Error('stopping');
    const asleep = [clock.sleep(60_000, stopping.signal), clock.sleep(2 ** 40, stopping.signal)];
    // Long enough for a timer that overflowed.
    await clock.sleep(10);
    stopping.abort(reason);
    for (const sleeper of asleep) await expect(sleeper).rejects.toBe(reason);
    await expect(clock.sleep(1, stopping.signal)).rejects.toBe(reason);
  });
});

it('randomness does not repeat', () => {
  expect(systemRandom.bytes(16)).toHaveLength(16);
  expect(systemRandom.bytes(16)).not.toEqual(systemRandom.bytes(16));
  expect(systemRandom.fraction()).toBeLessThan(1);
});
