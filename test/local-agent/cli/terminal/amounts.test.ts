import { expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration } from '../../../../local-agent/cli/terminal/amounts.ts';

it('sizes are said with two figures or three', () => {
  expect([0, 999, 1000, 9949, 9951, 999_499, 999_500, 84_000_000, 7.6e9, 5e15].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '10 kB',
    '999 kB',
    '1.0 MB',
    '84 MB',
    '7.6 GB',
    '5000 TB',
  ]);
});

it('times are said in their two largest units', () => {
  expect(
    [-5, 999, 59_000, 60_000, 61_000, 3_600_000, 3_725_000, 90_061_000, 86_400_000 * 400].map(formatDuration),
  ).toEqual(['0 s', '0 s', '59 s', '1 min', '1 min 1 s', '1 h', '1 h 2 min', '1 d 1 h', '400 d']);
});

it('one is one, and all else is many', () => {
  expect([0, 1, 2].map((count) => formatCount(count, 'error', 'errors'))).toEqual(['0 errors', '1 error', '2 errors']);
});
