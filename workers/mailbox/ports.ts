/** What the mailbox needs of the world around it: a Durable Object in workerd, a simulator in tests. Everything else is plain functions. */
import type { JobClaims } from '../../shared/wire/job.ts';
import type { Alarm, Clock, Random, Sql } from '../durable/ports.ts';
import type { MarkLabel } from '../keys/keyring.ts';

/** What has to be known of a socket after the object slept; kept with the socket, not on disk. */
export interface LinkState {
  /** `gone`: closed by us, whatever still arrives from it. */
  phase: 'new' | 'up' | 'gone';
  /** Highest sequence that went out over this socket. */
  sent: number;
}

export interface LinkSocket {
  /** Never throws: a socket that cannot take a frame any more reports itself closed. */
  send(text: string): void;
  close(code: number, reason: string): void;
  state(): LinkState;
  keep(state: LinkState): void;
  /** A frame came at `at`. */
  touch(at: number): void;
  /** Last frame or heartbeat, in milliseconds since the epoch; heartbeats are answered without waking the object. */
  heardAt(): number;
}

export interface Sockets {
  all(): LinkSocket[];
}

export interface Signer {
  kid: string;
  /** How older keys introduce newer ones, oldest first. */
  statements: readonly string[];
}

/** The edge's keys at work. */
export interface Sealer {
  /** Compact JWE to the device's sealing key. Throws `bad_key`. */
  seal(sealingKey: string, body: Uint8Array): Promise<string>;
  sign(claims: JobClaims): Promise<string>;
  /** The key by which `sign` signs. */
  signer(): Promise<Signer>;
  /** Sixteen bytes of HMAC, as text. */
  mark(label: MarkLabel, text: string): Promise<string>;
}

export interface MailboxPorts {
  sql: Sql;
  clock: Clock;
  random: Random;
  sockets: Sockets;
  alarm: Alarm;
  sealer: Sealer;
}
