import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { forget } from '../../../local-agent/memory/forget.ts';
import { findMemory, latestMemories } from '../../../local-agent/memory/recall.ts';
import { countMemories, maxMemories, maxMemoryLength, remember } from '../../../local-agent/memory/remember.ts';
import type { Db } from '../../../local-agent/store/database.ts';
import { memoryDb } from '../../support/memory-db.ts';

let db: Db;
beforeEach(() => {
  db = memoryDb();
});

const fill = (rows: number): void =>
  void db.run(sql`
    with recursive n (i) as (select 1 union all select i + 1 from n where i < ${rows})
    insert into memory (text, created_at) select 'thing ' || i, 0 from n`);

describe('Remembering', () => {
  it('keeps the words as they are, without the space around them', () => {
    expect(remember(db, '  The key is\nwith Anna. ', 5)).toMatchObject({
      kind: 'kept',
      memory: { text: 'The key is\nwith Anna.', createdAt: 5 },
    });
    expect(latestMemories(db, 10).map(({ text }) => text)).toEqual(['The key is\nwith Anna.']);
  });

  it('keeps the same words once, so that what was recalled is no new memory', () => {
    remember(db, 'milk', 1);
    const [recalled] = latestMemories(db, 1);
    expect(remember(db, recalled?.text ?? '', 2)).toEqual({ kind: 'known', memory: recalled });
    expect(countMemories(db)).toBe(1);
  });

  it('keeps nothing when nothing was said', () => {
    expect(remember(db, ' \n', 1)).toEqual({ kind: 'empty' });
    expect(countMemories(db)).toBe(0);
  });

  it('takes up to 4,000 characters and no more', () => {
    expect(remember(db, 'x'.repeat(maxMemoryLength), 1).kind).toBe('kept');
    expect(remember(db, 'x'.repeat(maxMemoryLength + 1), 1)).toEqual({ kind: 'too_long', length: 4001 });
    expect(countMemories(db)).toBe(1);
  });

  it('holds up to 10,000 things and no more, until there is room again', () => {
    fill(maxMemories - 1);
    expect(remember(db, 'the last one', 1).kind).toBe('kept');
    expect(remember(db, 'one too many', 1)).toEqual({ kind: 'full' });
    expect(remember(db, 'the last one', 1).kind).toBe('known');
    expect(forget(db, 1)).toBe(true);
    expect(remember(db, 'one too many', 1).kind).toBe('kept');
  });
});

describe('Forgetting', () => {
  it('deletes one thing, once', () => {
    remember(db, 'milk', 1);
    remember(db, 'bread', 1);
    expect(forget(db, 1)).toBe(true);
    expect(forget(db, 1)).toBe(false);
    expect(findMemory(db, 1)).toBeUndefined();
    expect(latestMemories(db, 10).map(({ text }) => text)).toEqual(['bread']);
  });
});
