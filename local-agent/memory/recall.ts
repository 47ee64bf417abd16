/** Finds what was remembered: the best matches first, by full text (FTS5, bm25) over word stems. */
import { desc, eq, sql } from 'drizzle-orm';
import type { Db } from '../store/database.ts';
import { type MemoryRow, memory } from '../store/tables/memory.ts';
import { significantWords } from './words.ts';

export function recall(db: Db, about: string, limit: number): MemoryRow[] {
  const words = significantWords(about);
  if (words.length === 0) return [];
  // A string in double quotes is a word and nothing else to FTS5 (SQLite FTS5 section 3.1), and our words hold letters and digits only.
  const query = words.map((word) => `"${word}"`).join(' OR ');
  return db.all<MemoryRow>(sql`
    select memory.id as id, memory.text as text, memory.created_at as createdAt
    from memory_text join memory on memory.id = memory_text.rowid
    where memory_text match ${query}
    order by bm25(memory_text), memory.id desc
    limit ${limit}`);
}

export const latestMemories = (db: Db, limit: number): MemoryRow[] =>
  db.select().from(memory).orderBy(desc(memory.id)).limit(limit).all();

export const findMemory = (db: Db, id: number): MemoryRow | undefined =>
  db.select().from(memory).where(eq(memory.id, id)).get();
