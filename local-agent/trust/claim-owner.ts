/**
 * How the first owner of a channel shows that it is theirs: the terminal shows a one-time code, and whoever says it in private is the owner.
 * Only its hash is kept; it lasts an hour, serves once, and is void after twenty wrong tries or when it was said in a group.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Incoming } from '../core/incoming.ts';
import type { Random } from '../core/random.ts';
import type { Db } from '../store/database.ts';
import { deleteSetting, getSetting, setSetting } from '../store/settings.ts';
import { principal } from '../store/tables/identity.ts';
import { recordAudit } from './audit/record.ts';
import { ownersOf, type Speaker } from './identify.ts';

const lifetimeMs = 60 * 60 * 1000;
const maxWrongTries = 20;

const pendingClaim = z.object({ sha256: z.string(), expiresAt: z.number(), wrongTries: z.int() });
type PendingClaim = z.infer<typeof pendingClaim>;

export interface Claim {
  /** 192 bits as base64url: fits what Telegram's `?start=` takes (64 characters). */
  code: string;
  expiresAt: number;
}

/** Replaces any earlier code of this channel. Undefined when the channel has its owner. */
export function createClaim(db: Db, random: Random, clock: Clock, channel: string): Claim | undefined {
  if (ownersOf(db, channel).length > 0) return undefined;
  const code = Buffer.from(random.bytes(24)).toString('base64url');
  const expiresAt = clock.now() + lifetimeMs;
  save(db, channel, { sha256: digest(code).toString('base64url'), expiresAt, wrongTries: 0 }, clock.now());
  return { code, expiresAt };
}

/** Whether the code of this channel still makes an owner: it is neither used, nor too old, nor spoilt. */
export function isClaimPending(db: Db, clock: Clock, channel: string): boolean {
  const pending = load(db, channel);
  return pending !== undefined && clock.now() < pending.expiresAt && ownersOf(db, channel).length === 0;
}

export interface ClaimAttempt extends Speaker {
  name: string;
  code: string;
  audience: Incoming['audience'];
}

/** Whether the speaker is the owner now. Audited either way, as long as a code was there to be tried. */
export function redeemClaim(db: Db, now: number, attempt: ClaimAttempt): boolean {
  const { channel, userId, name } = attempt;
  return db.transaction(() => {
    const pending = load(db, channel);
    if (pending === undefined || ownersOf(db, channel).length > 0) return false;
    const right = timingSafeEqual(digest(attempt.code), Buffer.from(pending.sha256, 'base64url'));
    const reason = refusal(pending, attempt, right, now);
    if (reason === undefined) {
      drop(db, channel);
      db.insert(principal).values({ channel, userId, name, role: 'owner', createdAt: now }).run();
      recordAudit(db, now, 'owner.claimed', { channel, userId, by: 'code' });
      return true;
    }
    const wrongTries = pending.wrongTries + 1;
    // A right code that counts no more has been read by others, or is too old: either way it has had its time.
    if (right || wrongTries >= maxWrongTries) drop(db, channel);
    else save(db, channel, { ...pending, wrongTries }, now);
    recordAudit(db, now, 'owner.claim_refused', { channel, userId, reason, wrongTries });
    return false;
  });
}

function refusal(pending: PendingClaim, attempt: ClaimAttempt, right: boolean, now: number): string | undefined {
  if (attempt.audience !== 'private') return 'not_private';
  if (now >= pending.expiresAt) return 'expired';
  return right ? undefined : 'wrong_code';
}

const settingName = (channel: string): string => `claim.${channel}`;

function load(db: Db, channel: string): PendingClaim | undefined {
  const value = getSetting(db, settingName(channel));
  return value === undefined ? undefined : pendingClaim.parse(JSON.parse(value));
}

const save = (db: Db, channel: string, claim: PendingClaim, now: number): void =>
  setSetting(db, settingName(channel), JSON.stringify(claim), now);

const drop = (db: Db, channel: string): void => deleteSetting(db, settingName(channel));

const digest = (code: string): Buffer => createHash('sha256').update(code).digest();
