/** How long to wait before the next attempt: doubling, capped, with jitter so that devices do not come back in step. */

const firstMs = 250;
const longestMs = 30_000;

/** `attempt` counts from 0; `fraction` is from 0 up to 1. Between half and the whole of the capped delay. */
export function reconnectDelay(attempt: number, fraction: number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return ceiling / 2 + (ceiling / 2) * fraction;
}
