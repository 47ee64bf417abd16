/** Keeps what the owner said to remember. Nothing else ever calls it: what was recalled, or what a model said, is never kept as new memory. */
import { count, eq } from 'drizzle-orm';
import type { Db } from '../store/database.ts';
import { type MemoryRow, memory } from '../store/tables/memory.ts';

export const maxMemories = 10_000;
/** In characters. */
export const maxMemoryLength = 4000;

export type Remembered =
  | { kind: 'kept' | 'known'; memory: MemoryRow }
  | { kind: 'full' }
  | { kind: 'empty' }
  | { kind: 'too_long'; length: number };

export function remember(db: Db, text: string, now: number): Remembered {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'empty' };
  if (trimmed.length > maxMemoryLength) return { kind: 'too_long', length: trimmed.length };
  return db.transaction(() => {
    const known = db.select().from(memory).where(eq(memory.text, trimmed)).limit(1).get();
    if (known !== undefined) return { kind: 'known', memory: known };
    if (countMemories(db) >= maxMemories) return { kind: 'full' };
    return { kind: 'kept', memory: db.insert(memory).values({ text: trimmed, createdAt: now }).returning().get() };
  });
}

export const countMemories = (db: Db): number => db.select({ count: count() }).from(memory).get()?.count ?? 0;
