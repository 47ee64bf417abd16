/** What goes over the link: JSON text frames, one closed union a direction. */
import * as z from 'zod';
import { PryxError } from '../error.ts';
import { maxFrameBytes } from './limits.ts';

const sequence = z.int().nonnegative();

/** Why a device refuses a job for good. The mailbox forgets the job and counts the refusal; the device audits it. */
export const refusalCodes = [
  'malformed',
  'unknown_key',
  'bad_signature',
  'wrong_issuer',
  'wrong_audience',
  'expired',
  'replayed',
  'wrong_sequence',
  'unopenable',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Device to edge. `hello.have` and `ack.seq` are cumulative: every job up to it is durable on the device. */
export const deviceFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), have: sequence }),
  z.strictObject({ type: z.literal('ack'), seq: sequence }),
  z.strictObject({ type: z.literal('refuse'), seq: sequence, code: z.enum(refusalCodes) }),
  z.strictObject({ type: z.literal('checkpoint'), size: sequence, root: z.string().max(128) }),
]);
export type DeviceFrame = z.infer<typeof deviceFrame>;

/** Why the edge is about to close the link. */
export const byeCodes = ['superseded', 'revoked', 'protocol_error'] as const;

/** Edge to device. */
export const edgeFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('job'), seq: sequence, jws: z.string().max(maxFrameBytes) }),
  // One that is too long is no reason to hang up: it is refused as a statement (`key-statement.ts`).
  z.strictObject({ type: z.literal('keys'), statement: z.string().max(maxFrameBytes) }),
  z.strictObject({ type: z.literal('bye'), code: z.enum(byeCodes) }),
]);
export type EdgeFrame = z.infer<typeof edgeFrame>;

/** Close codes of our own (RFC 6455, section 7.4.2); anything else is the network's. */
export const closeCodes = {
  protocolError: 4400,
  unauthorized: 4401,
  revoked: 4403,
  superseded: 4409,
  tooLarge: 4413,
  /** The device could not make a job durable; it comes back for it. */
  notStored: 4507,
} as const;

/** Reads a frame of one direction. Throws `bad_request` on anything else; never echoes what it read. */
export function parseFrame<T>(schema: z.ZodType<T>, text: string): T {
  // A UTF-16 unit is at most three bytes of UTF-8, so this bounds the work before the text is looked at.
  if (text.length > maxFrameBytes) throw new PryxError('too_large', 'A frame on the link is larger than allowed.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PryxError('bad_request', 'A frame on the link is not JSON.');
  }
  const result = schema.safeParse(json);
  if (!result.success) throw new PryxError('bad_request', 'A frame on the link has an unknown form.');
  return result.data;
}
