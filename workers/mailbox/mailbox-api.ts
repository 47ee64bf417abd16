/** What the Worker may ask of a mailbox: the Durable Object of one device. */
import type { MailboxStatus } from '../../shared/api/edge.ts';
import type { Caller } from './device.ts';

export interface Contact {
  connected: boolean;
  /** Milliseconds since the epoch. */
  last_contact: number | null;
}

export interface MailboxApi {
  /** Lets in a device that its owner has approved. Again is no error; what is queued stays. Tokens that were issued before are dead. `sealingKey`: JWK as JSON, checked. */
  admit(device: { deviceId: string; origin: string; sealingKey: string }): Promise<void>;
  /**
   * Shuts it out at once: the link drops with `revoked`, and tokens are refused. With `empty`, hooks and whatever is queued are gone; without,
   * messages go on being kept until the device is let in again. Again is no error, and neither is a device that was never let in.
   */
  revoke(how: { empty: boolean }): void;
  /** Sees whether the device may ask, and takes its proof; `open` follows, or a request that is no matter of the mailbox. Throws `not_paired`, `revoked`, `bad_proof`. */
  takeProof(caller: Caller): void;
  /** For the owner's list of devices. */
  contact(): Contact;
  /** `body`: of `putTelegramHookRequest`. Throws `bad_request`, and as `takeProof` does. */
  registerHook(request: { caller: Caller; bot: string; body: unknown }): Promise<void>;
  /** Throws as `takeProof` does. */
  status(caller: Caller): MailboxStatus;
}
