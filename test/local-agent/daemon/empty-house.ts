/** The smallest house: nothing set up. */
import type { House } from '../../../local-agent/daemon/house.ts';

export const emptyHouse: House = {
  start: () => {},
  stop: () => Promise.resolve(),
  link: () => ({ state: 'off', lastError: null }),
  edge: () => null,
  deviceId: () => null,
  mailbox: () => Promise.resolve(null),
  devices: {
    devices: () => Promise.resolve({ devices: [] }),
    renameDevice: () => Promise.resolve(),
    revokeDevice: () => Promise.resolve(),
  },
  conversations: { list: () => ({ conversations: [], more: false }), read: () => undefined },
  channels: () => [],
  model: () => ({ provider: 'offline', model: null, state: 'offline', lastError: null }),
  claimUrl: () => null,
  trace: (job) => ({ job, state: 'unknown', hops: [] }),
};
