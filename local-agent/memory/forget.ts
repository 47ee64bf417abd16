/** Deletes one memory, for good. */
import { eq } from 'drizzle-orm';
import type { Db } from '../store/database.ts';
import { memory } from '../store/tables/memory.ts';

/** False when it was not there. */
export const forget = (db: Db, id: number): boolean => db.delete(memory).where(eq(memory.id, id)).run().changes > 0;
