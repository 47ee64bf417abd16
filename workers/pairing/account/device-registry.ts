/** The devices of the owner, and what their tokens come from. */

export interface RegisteredDevice {
  deviceId: string;
  name: string;
  platform: string;
  state: 'paired' | 'revoked';
  revokedBecause: 'owner' | 'device' | 'token_reuse' | 'token_revoked' | null;
  pairedAt: number;
  revokedAt: number | null;
}

/** Who is at work, for the list of events that the owner sees. */
export type Actor = { kind: 'owner' } | { kind: 'device'; deviceId: string };

/** Somebody else may be behind it: the messages are kept until the owner decides. */
export const keepsMessages = (because: RegisteredDevice['revokedBecause']): boolean =>
  because === 'token_reuse' || because === 'token_revoked';

export interface DeviceRegistry {
  /** Devices of any state, the last paired one first. */
  devices(): RegisteredDevice[];
  /** Throws `not_found`; `revoked` or `not_paired` when it is by a device that is not paired. */
  renameDevice(change: { deviceId: string; name: string; by: Actor }): void;
  /** Ends the device's tokens at once, then its mailbox: the link drops, what was queued is deleted. Again is no error. Throws as `renameDevice` does. */
  revokeDevice(change: { deviceId: string; by: Actor }): Promise<void>;
}
