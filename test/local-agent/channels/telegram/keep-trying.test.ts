import { describe, expect, test } from 'vitest';
import { keepTrying } from '../../../../local-agent/channels/telegram/keep-trying.ts';
import { PryxError } from '../../../../shared/error.ts';

/** Runs rounds that succeed (a pause) or fail (an error) as told, and gives the pauses that were made; stops when the list ends. */
async function pausesOf(rounds: readonly (number | Error)[], fraction = 1): Promise<number[]> {
  const stopping = new AbortController();
  const pauses: number[] = [];
  const left = [...rounds];
  await keepTrying({
    clock: { now: () => 0, sleep: (ms) => Promise.resolve(void pauses.push(ms)) },
    random: { fraction: () => fraction, bytes: (length) => new Uint8Array(length) },
    signal: stopping.signal,
    round() {
      const next = left.shift();
      if (left.length === 0) stopping.abort();
      return next instanceof Error || next === undefined
        ? Promise.reject(next ?? new Error('end'))
        : Promise.resolve(next);
    },
    failed: () => undefined,
  });
  return pauses;
}

const trouble = new PryxError('channel_unreachable', 'No network.');

describe('what has to work for a long time', () => {
  test('goes on in its own rhythm', async () => {
    expect(await pausesOf([10_000, 300_000, 300_000, 0])).toEqual([10_000, 300_000, 300_000]);
  });

  test('tries again after 1, 2, 4, … and at most 30 seconds', async () => {
    const failures = Array.from({ length: 8 }, () => trouble);
    expect(await pausesOf([...failures, 0])).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(await pausesOf([...failures.slice(0, 2), 0], 0)).toEqual([500, 1000]);
  });

  test('begins anew with short pauses once it has recovered, which one success is not', async () => {
    expect(await pausesOf([trouble, trouble, 5, trouble, 5, 5, trouble, 0])).toEqual([1000, 2000, 5, 4000, 5, 5, 1000]);
  });
});

test('what was not foreseen is reported as our own fault', async () => {
  const errors: PryxError[] = [];
  const stopping = new AbortController();
  const never = new Promise<void>(() => undefined);
  const running = keepTrying({
    clock: {
      now: () => 0,
      sleep: (_, signal) =>
        Promise.race([
          never,
          new Promise<void>((_resolve, reject) =>
            signal?.addEventListener('abort', () => reject(new Error('stopped'))),
          ),
        ]),
    },
    random: { fraction: () => 0, bytes: (length) => new Uint8Array(length) },
    signal: stopping.signal,
    round: () => Promise.reject(new TypeError('x is undefined')),
    failed(error) {
      errors.push(error);
      queueMicrotask(() => stopping.abort());
    },
  });
  await running;
  expect(errors).toMatchObject([{ code: 'internal' }]);
});
