import { expect, it } from 'vitest';
import { reconnectDelay } from '../../../local-agent/edge-link/reconnect.ts';

it('waits longer after each failure, never more than 30 seconds, never in step with others', () => {
  expect([0, 1, 2, 3].map((attempt) => reconnectDelay(attempt, 1))).toEqual([250, 500, 1_000, 2_000]);
  expect(reconnectDelay(1_000, 1)).toBe(30_000);
  expect(reconnectDelay(1_000, 0)).toBe(15_000);
});
