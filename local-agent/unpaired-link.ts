/** The line to the edge while there is none: it says why, and asks nothing of anybody. */
import { PryxError } from '../shared/error.ts';
import type { DeviceLink } from './device-link.ts';
import { notPaired, revoked } from './edge-link/session.ts';
import type { DeviceDesk } from './http/app.ts';
import type { Db } from './store/database.ts';
import { readEdge } from './store/device-keys.ts';
import { readSession } from './store/edge-session.ts';

export interface Unpaired {
  error: PryxError;
  /** Since when, milliseconds since the epoch. */
  at: number;
}

/** `undefined` when this device, with this key, is paired with that edge. */
export function whyNotPaired(db: Db, origin: string, deviceId: string, now: number): Unpaired | undefined {
  const session = readSession(db, origin);
  // With other keys than those that were paired, this is another device.
  if (session === undefined || readEdge(db, origin)?.deviceId !== deviceId)
    return { error: notPaired(origin), at: now };
  return session.refreshToken === null ? { error: revoked(origin), at: session.changedAt } : undefined;
}

export function createUnpairedLink(origin: string, deviceId: string, { error, at }: Unpaired): DeviceLink {
  const refuse = (): Promise<never> => Promise.reject(error);
  const { code, message, hint } = error;
  return {
    origin,
    deviceId,
    start: () => undefined,
    stop: () => Promise.resolve(),
    state: () => ({ state: 'down', lastError: { code, message, at, ...(hint && { hint }) } }),
    mailbox: refuse,
    registerHook: refuse,
    devices: refuse,
    renameDevice: refuse,
    revokeDevice: refuse,
  };
}

/** Where no edge is in force. */
export const noEdge: DeviceDesk = {
  devices: refuseWithoutEdge,
  renameDevice: refuseWithoutEdge,
  revokeDevice: refuseWithoutEdge,
};

function refuseWithoutEdge(): Promise<never> {
  return Promise.reject(
    new PryxError('not_paired', 'This device is not paired with an edge.', {
      hint: 'Pair it with `pryx pair --edge <address of your edge>`.',
    }),
  );
}
