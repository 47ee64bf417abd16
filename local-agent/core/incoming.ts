/** One thing that somebody did in a channel, as every room behind the channels sees it. */
import type { Address } from './address.ts';

export interface Attachment {
  kind:
    | 'photo'
    | 'video'
    | 'audio'
    | 'voice'
    | 'document'
    | 'sticker'
    | 'animation'
    | 'contact'
    | 'location'
    | 'poll'
    | 'dice'
    | 'other';
  /** One line a reader (or a model) understands: `photo, 1280×960, 120 kB`. */
  description: string;
  /** How the channel finds the content again. */
  reference?: string;
  name?: string;
  mediaType?: string;
  bytes?: number;
}

export interface Sender {
  /** Unique within the channel, and never reused by it. */
  id: string;
  name: string;
  bot: boolean;
}

interface Common {
  address: Address;
  sender: Sender;
  /** `private`: only the sender reads the answer. */
  audience: 'private' | 'group';
  /** Whether Pryx was spoken to: always in private; in a group by mention, by reply to it, or by a command. */
  addressed: boolean;
  /** When it was said, milliseconds since the epoch. */
  at: number;
}

export interface IncomingMessage extends Common {
  type: 'message';
  /** Id of the message within its conversation. */
  messageId: string;
  /** True when this replaces an earlier message with the same `messageId`. */
  edited: boolean;
  text: string;
  /** `/remember milk` is name `remember`, args `milk`; the mention of the bot is taken off. */
  command?: { name: string; args: string };
  attachments: Attachment[];
  replyTo?: { messageId: string; text: string; fromPryx: boolean };
}

export interface IncomingButton extends Common {
  type: 'button';
  /** What the channel needs to confirm that the press was seen. */
  pressId: string;
  /** Id of the message that the button hangs on. */
  messageId: string;
  /** What was given to the button when it was sent; at most 64 bytes. */
  data: string;
}

export type Incoming = IncomingMessage | IncomingButton;
