import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../../local-agent/store/database.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { principal, setting } from '../../../local-agent/store/tables/identity.ts';
import { type ClaimAttempt, createClaim, isClaimPending, redeemClaim } from '../../../local-agent/trust/claim-owner.ts';
import { createIdentify, setOwner } from '../../../local-agent/trust/identify.ts';
import { memoryDb } from '../../support/memory-db.ts';
import { type VirtualClock, createVirtualClock } from '../../support/virtual-clock.ts';

let db: Db;
let clock: VirtualClock;
const random = { bytes: (length: number) => randomBytes(length), fraction: () => 0.5 };
const hour = 60 * 60 * 1000;

beforeEach(() => {
  db = memoryDb();
  clock = createVirtualClock();
});

function create(channel = 'telegram'): string {
  return createClaim(db, random, clock, channel)?.code ?? 'none';
}
const redeem = (code: string, attempt: Partial<ClaimAttempt> = {}): boolean =>
  redeemClaim(db, clock.now(), {
    channel: 'telegram',
    userId: '7',
    name: 'Ada',
    audience: 'private',
    code,
    ...attempt,
  });
const audited = (): string[] =>
  db
    .select()
    .from(audit)
    .all()
    .map(({ event, detail }) => `${event} ${String(detail['reason'] ?? detail['by'])}`);

describe('A claim code', () => {
  it('is long, fits into a start link, lasts an hour, and is not kept as it is', () => {
    const claim = createClaim(db, random, clock, 'telegram');
    expect(claim?.code).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(claim?.expiresAt).toBe(clock.now() + hour);
    expect(create()).not.toBe(claim?.code);
    expect(JSON.stringify(db.select().from(setting).all())).not.toContain(claim?.code);
  });

  it('makes whoever says it in private the owner, once', () => {
    const code = create();
    expect(redeem(code)).toBe(true);
    expect(createIdentify(db)({ channel: 'telegram', userId: '7' })).toEqual({ role: 'owner', name: 'Ada' });
    expect(redeem(code, { userId: '8' })).toBe(false);
    expect(db.select().from(principal).all()).toHaveLength(1);
    expect(db.select().from(setting).all()).toEqual([]);
    expect(audited()).toEqual(['owner.claimed code']);
  });

  it('is not made for a channel that has its owner, and one made before counts no more', () => {
    const code = create();
    setOwner(db, { channel: 'telegram', userId: '1' }, 1);
    expect(createClaim(db, random, clock, 'telegram')).toBeUndefined();
    expect(redeem(code)).toBe(false);
    expect(createIdentify(db)({ channel: 'telegram', userId: '7' })).toBeUndefined();
  });

  it('is good for its channel alone', () => {
    const code = create('telegram');
    create('web');
    expect(redeem(code, { channel: 'web' })).toBe(false);
    expect(redeem(code, { channel: 'discord' })).toBe(false);
    expect(redeem(code)).toBe(true);
  });

  it('is replaced by the next one', () => {
    const old = create();
    const code = create();
    expect(redeem(old)).toBe(false);
    expect(redeem(code)).toBe(true);
  });

  it('is void after an hour', async () => {
    const code = create();
    await clock.advance(hour);
    expect(redeem(code)).toBe(false);
    expect(audited()).toEqual(['owner.claim_refused expired']);
  });

  it('is good until the hour is over', async () => {
    const code = create();
    await clock.advance(hour - 1);
    expect(redeem(code)).toBe(true);
  });

  it('is void once it was said in a group', () => {
    const code = create();
    expect(redeem(code, { audience: 'group' })).toBe(false);
    expect(redeem(code, { userId: '8' })).toBe(false);
    expect(audited()).toEqual(['owner.claim_refused not_private']);
  });

  it('is not spoilt by chatter in a group', () => {
    const code = create();
    expect(redeem('x'.repeat(32), { audience: 'group' })).toBe(false);
    expect(redeem(code)).toBe(true);
  });

  it('stands nineteen wrong tries', () => {
    const code = create();
    for (let tries = 0; tries < 19; tries += 1) expect(redeem(`${'x'.repeat(30)}${tries}`)).toBe(false);
    expect(redeem(code)).toBe(true);
  });

  it('is void after twenty wrong tries, and further ones leave no trace', () => {
    const code = create();
    for (let tries = 0; tries < 30; tries += 1) expect(redeem('wrong')).toBe(false);
    expect(redeem(code)).toBe(false);
    expect(audited()).toEqual(Array.from({ length: 20 }, () => 'owner.claim_refused wrong_code'));
    expect(redeem(create())).toBe(true);
  });

  it('is known to be pending until it is used, too old or spoilt', async () => {
    const pending = (): boolean => isClaimPending(db, clock, 'telegram');
    expect(pending()).toBe(false);
    const code = create();
    expect(pending()).toBe(true);
    expect(isClaimPending(db, clock, 'web')).toBe(false);
    await clock.advance(hour);
    expect(pending()).toBe(false);
    create();
    for (let tries = 0; tries < 20; tries += 1) redeem(code);
    expect(pending()).toBe(false);
    create();
    setOwner(db, { channel: 'telegram', userId: '1' }, 1);
    expect(pending()).toBe(false);
  });
});
