/** What the Worker may ask of the desk: the one Durable Object that holds the codes of pairings under way (RFC 8628). */

/** Where a request came from, as far as Cloudflare tells; all null on a developer's machine. */
export interface Place {
  /** The client's address: an IPv4 address, or the first 64 bits of an IPv6 one. Kept as long as the code. */
  network: string | null;
  city: string | null;
  region: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
}

export interface CodeRequest {
  clientId: string;
  /** RFC 7638 thumbprint of the device's identity key: its device id, and what the code is bound to. */
  deviceId: string;
  /** JSON of its public X25519 key, checked. */
  sealingKey: string;
  name: string;
  platform: string;
  place: Place;
}

export interface IssuedCode {
  deviceCode: string;
  /** `BCDF-GHJK` */
  userCode: string;
  /** Seconds. */
  expiresIn: number;
  interval: number;
}

/** What the owner is shown before deciding. */
export interface PendingDevice extends Pick<CodeRequest, 'deviceId' | 'name' | 'platform' | 'place'> {
  /** Names this one pairing; of no use to a device. */
  pairingId: string;
  requestedAt: number;
  expiresAt: number;
}

export interface ApprovedDevice extends CodeRequest {
  pairingId: string;
}

export type PollOutcome =
  | { state: 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant' }
  | { state: 'approved'; device: ApprovedDevice };

export interface DeskCore {
  /** Throws `rate_limited` when there are too many pairings under way from one network, or so many in all that none makes way for this one. */
  open(request: CodeRequest): Promise<IssuedCode>;
  /** `userCode` as it was typed. `undefined` when no pairing that waits for a decision has it. */
  find(userCode: string): PendingDevice | undefined;
  /** Binds what was shown: `gone` when that pairing expired, was decided, or is of another device. */
  decide(decision: { pairingId: string; deviceId: string; approve: boolean }): 'decided' | 'gone';
  /** One poll. Widens the interval by five seconds for good at each poll that came too soon. */
  poll(poll: { deviceCode: string; clientId: string; deviceId: string }): Promise<PollOutcome>;
  /** The code was redeemed, and is forgotten. */
  close(pairingId: string): void;
}
