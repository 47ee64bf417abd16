/** The house as the design draws it, checked against what the files import. How each rule can fail is in architecture/*.test.ts. */
import { describe, expect, test } from 'vitest';
import { type Habits, checkHabits } from './architecture/check-habits.ts';
import { checkImports } from './architecture/check-imports.ts';
import { readHouse } from './architecture/house.ts';
import { exceptions } from './architecture/rooms.ts';

const house = readHouse();

const habits: Habits = {
  // workerd wants it.
  defaultExports: ['workers/worker.ts'],
  reaches: {
    // The system behind the ports, and two adapters that cut off a peer who does not answer.
    'local-agent/daemon/system.ts': ['clock', 'timer', 'chance'],
    'local-agent/edge-link/ws-socket.ts': ['timer'],
    'local-agent/http/listen.ts': ['timer'],
    // Opened before there is a clock, if need be.
    'local-agent/store/database.ts': ['clock'],
    // Where settings and processes begin: what runs here is no part of a simulation.
    'local-agent/cli/': ['process.env', 'clock', 'timer'],
    // Where a request enters the edge: from here on the time is an argument.
    'workers/guard/authenticate-device.ts': ['clock'],
    'workers/durable/runtime.ts': ['clock'],
  },
};

describe('the house', () => {
  test('is there to be looked at', () => {
    expect(house.size).toBeGreaterThan(50);
  });

  test('has no import that climbs, goes sideways or makes a circle', () => {
    expect(checkImports(house, { exceptions })).toEqual([]);
  });

  test('keeps its habits: names, no barrels, no default exports, clock and chance and environment through ports', () => {
    expect(checkHabits(house, habits)).toEqual([]);
  });
});
