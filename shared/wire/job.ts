/** A job: one inbound request, sealed to a device and signed by the edge (docs/protocol.md). Signed outside, so verified before opened. */
import * as z from 'zod';
import type { RefusalCode } from './frame.ts';
import { clockSkewMs, maxFrameBytes } from './limits.ts';
import { type SigningKey, sign, verify } from './signature.ts';

export const jobType = 'pryx-job+jws';

/** What the sealed body of a job holds. */
export const jobKinds = ['telegram.update'] as const;
export type JobKind = (typeof jobKinds)[number];

export const jobClaims = z.strictObject({
  /** Origin of the edge that made the job. */
  iss: z.string().max(512),
  /** Id of the device it is for. */
  aud: z.string().max(128),
  /** Idempotency key: `tg:<bot>:<update_id>`. */
  jti: z.string().min(1).max(256),
  /** Position in the device's mailbox; only ever grows, gaps allowed. */
  seq: z.int().positive(),
  /** Seconds since the epoch (RFC 7519 NumericDate), with milliseconds as the fraction. */
  iat: z.number().nonnegative(),
  exp: z.number().nonnegative(),
  kind: z.enum(jobKinds),
  /** W3C Trace Context. */
  traceparent: z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
  /** Compact JWE of the request's body, byte for byte. */
  body: z.string().max(maxFrameBytes),
});
export type JobClaims = z.infer<typeof jobClaims>;

export async function signJob(key: SigningKey, kid: string, claims: JobClaims): Promise<string> {
  return sign(key, kid, jobType, new TextEncoder().encode(JSON.stringify(claims)));
}

export interface JobExpectation {
  issuer: string;
  audience: string;
  /** Milliseconds since the epoch. */
  now: number;
  findKey(kid: string): SigningKey | undefined;
}

export type JobVerdict = { ok: true; claims: JobClaims } | { ok: false; code: RefusalCode };

/**
 * Signature first, then issuer, audience and expiry. `frameSeq` is what the frame says outside the signature: it must be the signed one,
 * or an acknowledgement would drop another job. Whether the sequence is new is for the inbox to say. Does not throw on bad input.
 */
export async function verifyJob(jws: string, frameSeq: number, expect: JobExpectation): Promise<JobVerdict> {
  const verified = await verify(jws, jobType, expect.findKey);
  return verified.ok ? checkClaims(verified.payload, frameSeq, expect) : verified;
}

/** What there is to check once the signature held. */
export function checkClaims(
  payload: Uint8Array,
  frameSeq: number,
  expect: Omit<JobExpectation, 'findKey'>,
): JobVerdict {
  const claims = readClaims(payload);
  if (claims === undefined) return { ok: false, code: 'malformed' };
  if (claims.iss !== expect.issuer) return { ok: false, code: 'wrong_issuer' };
  if (claims.aud !== expect.audience) return { ok: false, code: 'wrong_audience' };
  if (claims.seq !== frameSeq) return { ok: false, code: 'wrong_sequence' };
  const skew = clockSkewMs / 1000;
  const now = expect.now / 1000;
  if (claims.exp + skew < now || claims.iat - skew > now || claims.exp <= claims.iat)
    return { ok: false, code: 'expired' };
  return { ok: true, claims };
}

function readClaims(payload: Uint8Array): JobClaims | undefined {
  try {
    return jobClaims.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)))
      .data;
  } catch {
    return undefined;
  }
}
