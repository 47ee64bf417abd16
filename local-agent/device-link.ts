/** The line to the edge as the other rooms see it, paired or not. */
import type { MailboxStatus } from '../shared/api/edge.ts';
import type { LinkState } from './edge-link/link.ts';
import type { DeviceDesk } from './http/app.ts';

export interface DeviceLink extends DeviceDesk {
  origin: string;
  deviceId: string;
  start(): void;
  stop(): Promise<void>;
  state(): LinkState;
  /** These, and those of `DeviceDesk`, ask the edge: they throw `not_paired`, `revoked`, `edge_unreachable`, `clock_wrong`. */
  mailbox(): Promise<MailboxStatus>;
  /** Registers the hook of one bot at the edge; resolves to its address. */
  registerHook(hook: { bot: string; secretSha256: string; answeredUsers: number[] }): Promise<string>;
}
