import { describe, expect, it } from 'vitest';
import { closeAll } from '../../../local-agent/daemon/shutdown.ts';
import { createSystemClock } from '../../../local-agent/daemon/system.ts';

const clock = createSystemClock();

function listen() {
  const logged: unknown[] = [];
  const note = (event: string, ...rest: unknown[]) => void logged.push([event, ...rest]);
  return { logged, log: { debug: note, info: note, warn: note, error: note } };
}

describe('closing', () => {
  it('goes on with the next part when one fails, in the order given', async () => {
    const { logged, log } = listen();
    const closed: string[] = [];
    const failure = new Error('jammed');
    const clean = await closeAll(
      [
        { name: 'first', close: () => Promise.resolve(void closed.push('first')) },
        { name: 'second', close: () => Promise.reject(failure) },
        {
          name: 'third',
          close: () => {
            throw failure;
          },
        },
        { name: 'last', close: () => void closed.push('last') },
      ],
      { clock, log, deadlineMs: 60_000 },
    );
    expect(clean).toBe(true);
    expect(closed).toEqual(['first', 'last']);
    expect(logged).toEqual([
      ['daemon.stop_failed', failure, { part: 'second' }],
      ['daemon.stop_failed', failure, { part: 'third' }],
    ]);
  });

  it('does not wait for ever, and says for what it waited', async () => {
    const { logged, log } = listen();
    const parts = [{ name: 'house', close: () => new Promise<never>(() => {}) }];
    expect(await closeAll(parts, { clock, log, deadlineMs: 5 })).toBe(false);
    expect(logged).toEqual([['daemon.stop_overran', { part: 'house', afterMs: 5 }]]);
  });
});
