import { describe, expect, it } from 'vitest';
import type { House } from '../../../local-agent/daemon/house.ts';
import { createHouseKeeper } from '../../../local-agent/daemon/keep-house.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { createVirtualClock, settle } from '../../support/virtual-clock.ts';
import { emptyHouse } from './empty-house.ts';

/** Houses that tell what is done with them, numbered as they are put together. */
function watched() {
  const story: string[] = [];
  const clock = createVirtualClock();
  const log = createKeptLog();
  const held: (() => void)[] = [];
  const plan = { compose: [] as ('fail' | 'hang')[], stop: [] as ('fail' | 'hang')[] };
  let number = 0;
  const wait = () => new Promise<void>((resolve) => void held.push(resolve));
  const keeper = createHouseKeeper({
    clock,
    log,
    async compose(): Promise<House> {
      const mine = ++number;
      story.push(`compose ${mine}`);
      const fate = plan.compose.shift();
      if (fate === 'fail') throw new Error('no stones');
      if (fate === 'hang') await wait();
      return {
        ...emptyHouse,
        edge: () => `https://${mine}.example`,
        link: () => ({ state: 'up', lastError: null }),
        start: () => void story.push(`start ${mine}`),
        async stop() {
          story.push(`stop ${mine}`);
          const stopFate = plan.stop.shift();
          if (stopFate === 'fail') throw new Error('jammed');
          if (stopFate === 'hang') await wait();
          story.push(`stopped ${mine}`);
        },
      };
    },
  });
  const release = async () => {
    for (const go of held.splice(0)) go();
    await settle();
  };
  const events = () => log.lines.map(({ event }) => event);
  return { story, clock, keeper, plan, release, events };
}

describe('a house', () => {
  it('is started once it is put together, and what keeps it from that is thrown', async () => {
    const { story, keeper, plan } = watched();
    plan.compose.push('fail');
    await expect(keeper.open()).rejects.toThrow('no stones');
    expect(keeper.house()).toBeUndefined();
    await keeper.open();
    expect(story).toEqual(['compose 1', 'compose 2', 'start 2']);
    expect(keeper.house()?.edge()).toBe('https://2.example');
    await keeper.stop();
    await keeper.stop();
    expect(story.slice(3)).toEqual(['stop 2', 'stopped 2']);
  });

  it('is put together anew only when the one before has stopped, and its link is on its way meanwhile', async () => {
    const { story, keeper, plan, release, events } = watched();
    await keeper.open();
    plan.stop.push('hang');
    keeper.reload();
    expect(keeper.house()?.link().state).toBe('connecting');
    await settle();
    expect(story).toEqual(['compose 1', 'start 1', 'stop 1']);
    expect(keeper.house()?.edge()).toBe('https://1.example');
    await release();
    expect(story.slice(3)).toEqual(['stopped 1', 'compose 2', 'start 2']);
    expect([keeper.house()?.edge(), keeper.house()?.link().state]).toEqual(['https://2.example', 'up']);
    expect(events()).toEqual(['daemon.reloaded']);
  });

  it('is put together once more when that is asked for in the middle of it, and not more often', async () => {
    const { story, keeper, plan, release } = watched();
    await keeper.open();
    plan.compose.push('hang');
    keeper.reload();
    keeper.reload();
    await settle();
    // From what it read this one may have missed what changed.
    keeper.reload();
    keeper.reload();
    await release();
    expect(story.filter((line) => line.startsWith('compose'))).toHaveLength(3);
    expect(story.slice(-3)).toEqual(['stopped 2', 'compose 3', 'start 3']);
  });

  it('waits with it until it was put together for the first time', async () => {
    const { story, keeper, plan, release } = watched();
    plan.compose.push('hang');
    const opening = keeper.open();
    keeper.reload();
    await settle();
    expect(story).toEqual(['compose 1']);
    await release();
    await opening;
    await settle();
    expect(story).toEqual(['compose 1', 'start 1', 'stop 1', 'stopped 1', 'compose 2', 'start 2']);
  });

  it('that hangs while it is stopped is waited for and told of: two never work on one database', async () => {
    const { story, clock, keeper, plan, release, events } = watched();
    await keeper.open();
    plan.stop.push('hang');
    keeper.reload();
    await clock.advance(60_000);
    expect(events()).toEqual(['daemon.reload_slow']);
    expect(story).not.toContain('compose 2');
    await release();
    expect(story).toContain('start 2');
  });

  it('that cannot be put together is tried again, ever more seldom, and meanwhile there is none', async () => {
    const { story, clock, keeper, plan, events } = watched();
    await keeper.open();
    plan.stop.push('fail');
    plan.compose.push('fail', 'fail');
    keeper.reload();
    await settle();
    expect(keeper.house()).toBeUndefined();
    await clock.advance(1_000);
    await clock.advance(5_000);
    expect(keeper.house()).toBeUndefined();
    await clock.advance(30_000);
    expect(keeper.house()?.edge()).toBe('https://4.example');
    expect(story).toEqual(['compose 1', 'start 1', 'stop 1', 'compose 2', 'compose 3', 'compose 4', 'start 4']);
    expect(events().filter((event) => event === 'daemon.reload_failed')).toHaveLength(3);
  });
});

describe('a daemon that is stopped in the middle of it', () => {
  it('waits for what is being stopped, and puts nothing together any more', async () => {
    const { story, keeper, plan, release } = watched();
    await keeper.open();
    plan.stop.push('hang');
    keeper.reload();
    await settle();
    let stopped = false;
    const stopping = keeper.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    await release();
    await stopping;
    keeper.reload();
    await settle();
    expect(story).toEqual(['compose 1', 'start 1', 'stop 1', 'stopped 1']);
  });

  it('does not start what was just put together', async () => {
    const { story, keeper, plan, release } = watched();
    await keeper.open();
    plan.compose.push('hang');
    keeper.reload();
    await settle();
    const stopping = keeper.stop();
    await release();
    await stopping;
    expect(story).toEqual(['compose 1', 'start 1', 'stop 1', 'stopped 1', 'compose 2']);
  });

  it('does not wait for the next try', async () => {
    const { story, keeper, plan } = watched();
    await keeper.open();
    plan.compose.push('fail', 'fail', 'fail');
    keeper.reload();
    await settle();
    await keeper.stop();
    expect(story).toEqual(['compose 1', 'start 1', 'stop 1', 'stopped 1', 'compose 2']);
  });
});
