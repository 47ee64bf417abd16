import { beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../../local-agent/store/database.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { createIdentify, ownersOf, setOwner } from '../../../local-agent/trust/identify.ts';
import { memoryDb } from '../../support/memory-db.ts';

let db: Db;
beforeEach(() => {
  db = memoryDb();
});

const telegram = (userId: string) => ({ channel: 'telegram', userId });

describe('Whoever speaks', () => {
  it('is nobody, as long as nobody owns the channel', () => {
    expect(createIdentify(db)(telegram('7'))).toBeUndefined();
    expect(ownersOf(db, 'telegram')).toEqual([]);
  });

  it('is the owner when the settings say so, in that channel alone', () => {
    setOwner(db, telegram('7'), 1);
    expect(createIdentify(db)(telegram('7'))).toMatchObject({ role: 'owner' });
    expect(createIdentify(db)(telegram('70'))).toBeUndefined();
    expect(createIdentify(db)({ channel: 'web', userId: '7' })).toBeUndefined();
    expect(ownersOf(db, 'telegram')).toEqual(['7']);
  });

  it('is the owner no more once the settings name another', () => {
    setOwner(db, telegram('7'), 1);
    setOwner(db, { channel: 'web', userId: '7' }, 1);
    setOwner(db, telegram('8'), 2);
    expect(createIdentify(db)(telegram('7'))).toBeUndefined();
    expect(createIdentify(db)(telegram('8'))).toMatchObject({ role: 'owner' });
    expect(ownersOf(db, 'web')).toEqual(['7']);
  });

  it('is audited when it becomes the owner, and not at every start', () => {
    setOwner(db, telegram('7'), 1);
    setOwner(db, telegram('7'), 2);
    expect(db.select().from(audit).all()).toMatchObject([
      { at: 1, event: 'owner.claimed', detail: { channel: 'telegram', userId: '7', by: 'settings' } },
    ]);
  });
});
