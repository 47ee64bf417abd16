/** The contract of a channel: how Pryx hears and speaks in one place. One adapter each; adding one touches no other. */
import type { Address } from './address.ts';
import type { Incoming } from './incoming.ts';

/** One message as its channel renders it: plain JSON, kept in the outbox, opaque to everybody else. */
export type Content = Readonly<Record<string, unknown>>;

export interface Button {
  label: string;
  /** Given back in `IncomingButton.data`; at most 64 bytes of UTF-8. */
  data: string;
}

/**
 * What became of one request.
 * - `delivered`: done. For a send, `messageId` names what was made.
 * - `wait`: refused for now; nothing happened; try again after `ms`.
 * - `unreachable`: the request did not leave; nothing happened.
 * - `unknown`: the request left and no answer came. It may have happened.
 * - `rejected`: refused for good. `formatting` alone is worth another try, as plain text; `gone` means the message to edit is not there.
 */
export type Delivery =
  | { kind: 'delivered'; messageId: string }
  | { kind: 'wait'; ms: number }
  | { kind: 'unreachable'; message: string }
  | { kind: 'unknown'; message: string }
  | { kind: 'rejected'; reason: 'formatting' | 'gone' | 'blocked' | 'unauthorized' | 'invalid'; message: string };

export interface ChannelError {
  code: string;
  message: string;
  hint?: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface ChannelHealth {
  state: 'off' | 'starting' | 'up' | 'down';
  mode: 'webhook' | 'polling' | 'none';
  /** Who Pryx is in this channel: `@my_bot`. */
  account: string | null;
  lastError: ChannelError | null;
}

export interface Channel {
  readonly name: string;
  /** Shown while an answer is being made; must be accepted by `send` as it stands. */
  readonly placeholder: Content;
  /** The kinds of things a job of this channel can hold. Pure. `undefined`: well-formed, but nothing to act on. Throws `bad_request`. */
  read(body: Uint8Array): Incoming | undefined;
  /** The idempotency key of a body that did not come as a job, for instance by polling. Throws `bad_request`. */
  jobId(body: Uint8Array): string;
  /** Splits and renders Markdown into at least one message, buttons on the last. Pure. */
  render(markdown: string, buttons?: readonly Button[]): Content[];
  /** The same content without any formatting that could be refused. Pure. */
  plain(content: Content): Content;
  /** Never throws for what the other side does. Not idempotent: the outbox calls it once per intent. */
  send(address: Address, content: Content, options: { replyTo?: string; signal: AbortSignal }): Promise<Delivery>;
  /** Idempotent: an edit that changes nothing is `delivered`. */
  edit(address: Address, messageId: string, content: Content, options: { signal: AbortSignal }): Promise<Delivery>;
  /** Idempotent and without trace: "typing". Also the probe that tells whether the channel answers at all. */
  typing(address: Address, options: { signal: AbortSignal }): Promise<Delivery>;
  /** Confirms a pressed button. Idempotent enough: one that is already confirmed, or too old, is `delivered`. */
  confirmButton(pressId: string, options: { signal: AbortSignal }): Promise<Delivery>;
  /** Milliseconds to wait before the next message to this address may leave; 0 reserves it. */
  pace(address: Address, what: 'send' | 'edit'): number;
  health(): ChannelHealth;
  /** Connects and registers. Returns at once; trouble shows in `health` and is retried until `stop`. */
  start(): void;
  stop(): Promise<void>;
}
