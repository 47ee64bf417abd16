/** Small facts that have no table of their own, by name. */
import { eq } from 'drizzle-orm';
import type { Db } from './database.ts';
import { setting } from './tables/identity.ts';

export function getSetting(db: Db, name: string): string | undefined {
  return db.select({ value: setting.value }).from(setting).where(eq(setting.name, name)).get()?.value;
}

export function setSetting(db: Db, name: string, value: string, now: number): void {
  db.insert(setting)
    .values({ name, value, updatedAt: now })
    .onConflictDoUpdate({ target: setting.name, set: { value, updatedAt: now } })
    .run();
}

export function deleteSetting(db: Db, name: string): void {
  db.delete(setting).where(eq(setting.name, name)).run();
}
