/** What the daemon's frame needs of everything that runs in it: the other end of what `compose` gives back. */
import type { MailboxStatus } from '../../shared/api/edge.ts';
import type { StatusResponse } from '../../shared/api/status.ts';
import type { JobTrace } from '../../shared/api/trace.ts';
import type { DeviceDesk } from '../http/app.ts';
import type { ConversationReader } from '../workspaces/read-conversations.ts';

export interface House {
  start: () => void;
  /** Takes in nothing more and lets what runs come to its end. */
  stop: () => Promise<void>;
  link: () => Pick<StatusResponse['link'], 'state' | 'lastError'>;
  /** Origin of the edge in force. */
  edge: () => string | null;
  deviceId: () => string | null;
  /** Asks the edge; may throw. */
  mailbox: () => Promise<MailboxStatus | null>;
  /** Of the edge's owner, asked of the edge; may throw. */
  devices: DeviceDesk;
  /** What was said, as the store has it. */
  conversations: ConversationReader;
  channels: () => StatusResponse['channels'];
  model: () => StatusResponse['model'];
  claimUrl: () => string | null;
  trace: (jobId: string) => JobTrace;
}
