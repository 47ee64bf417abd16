import { describe, expect, test } from 'vitest';
import { createPace } from '../../../../local-agent/channels/telegram/pace.ts';

function setUp() {
  let now = 1_000_000;
  const pace = createPace({ now: () => now });
  return {
    ...pace,
    later(ms: number): void {
      now += ms;
    },
    /** How many of these leave at once. */
    atOnce: (chats: readonly number[], what: 'send' | 'edit' = 'send'): number =>
      chats.filter((chat) => pace.wait(chat, what) === 0).length,
  };
}

const different = (count: number, first = 1): number[] => Array.from({ length: count }, (_, index) => first + index);

describe('in one chat', () => {
  test('one message a second leaves', () => {
    const { wait, later } = setUp();
    expect(wait(1, 'send')).toBe(0);
    expect(wait(1, 'send')).toBe(1000);
    later(400);
    expect(wait(1, 'send')).toBe(600);
    later(600);
    expect(wait(1, 'send')).toBe(0);
  });

  test('asking is not reserving: only a 0 takes the turn', () => {
    const { wait, later } = setUp();
    wait(1, 'send');
    wait(1, 'send');
    wait(1, 'send');
    later(1000);
    expect(wait(1, 'send')).toBe(0);
  });

  test('the first edit after a message goes at once, the next after a second', () => {
    const { wait, later } = setUp();
    wait(1, 'send');
    expect(wait(1, 'edit')).toBe(0);
    expect(wait(1, 'edit')).toBe(1000);
    later(1000);
    expect(wait(1, 'edit')).toBe(0);
    expect(wait(1, 'send')).toBe(0);
    expect(wait(1, 'edit')).toBe(0);
  });

  test('an edit holds up no message', () => {
    const { wait, later } = setUp();
    wait(1, 'send');
    later(1000);
    wait(1, 'edit');
    expect(wait(1, 'send')).toBe(0);
  });

  test('nothing leaves while Telegram has asked for a pause, and others are not held', () => {
    const { wait, hold, later } = setUp();
    hold(1, 30_000);
    hold(1, 5_000);
    expect([wait(1, 'send'), wait(1, 'edit'), wait(2, 'send')]).toEqual([30_000, 30_000, 0]);
    later(30_000);
    expect([wait(1, 'send'), wait(1, 'edit')]).toEqual([0, 0]);
  });
});

describe('in a group', () => {
  test('20 messages leave in any minute', () => {
    const { wait, later } = setUp();
    for (let message = 0; message < 20; message += 1) {
      expect(wait(-7, 'send')).toBe(0);
      later(1000);
    }
    expect(wait(-7, 'send')).toBe(40_000);
    later(40_000);
    expect(wait(-7, 'send')).toBe(0);
    expect(wait(-7, 'send')).toBe(1000);
  });

  test('edits come every three seconds', () => {
    const { wait } = setUp();
    wait(-7, 'send');
    expect([wait(-7, 'edit'), wait(-7, 'edit')]).toEqual([0, 3000]);
  });
});

describe('in all', () => {
  test('60 conversations are answered at once after a pause, then 30 a second', () => {
    const { atOnce, later } = setUp();
    expect(atOnce(different(100))).toBe(60);
    later(1000);
    expect(atOnce(different(100, 500))).toBe(30);
    later(60_000);
    expect(atOnce(different(100, 1000))).toBe(60);
  });

  test('edits of many conversations go beside that', () => {
    const { atOnce } = setUp();
    expect(atOnce(different(60))).toBe(60);
    expect(atOnce(different(60), 'edit')).toBe(60);
  });
});

test('chats at rest are forgotten, those at work are not', () => {
  const { wait, hold, later } = setUp();
  hold(5, 10_000_000);
  for (const chat of different(3000, 10)) {
    wait(chat, 'edit');
    later(100);
  }
  expect(wait(5, 'edit')).toBe(10_000_000 - 300_000);
  expect(wait(3009, 'edit')).toBe(900);
});
