/** Tells a damaged database file from every other trouble, and notices it while the database is in use. */
import type Sqlite from 'better-sqlite3';
import { codeOf } from '../../shared/error.ts';

const damageCodes = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_CORRUPT_SEQUENCE']);

/**
 * True when SQLite says that the file itself is broken. `SQLITE_CORRUPT_VTAB` is not: it speaks of a full-text index, which is
 * rebuilt from its table. Neither is an I/O error or a full disk: what cannot be read now may be whole.
 */
export function isDamage(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if (damageCodes.has(codeOf(current) ?? '')) return true;
  }
  return false;
}

/** Calls `onDamage` once, at the first statement that finds the file damaged; the statement throws as before. */
export function watchDamage(client: Sqlite.Database, onDamage: (error: unknown) => void): void {
  let told = false;
  const look = (error: unknown): void => {
    if (told || !isDamage(error)) return;
    told = true;
    onDamage(error);
  };
  watchCalls(client, ['exec', 'prepare'], look, (made) => {
    if (typeof made === 'object' && made !== null && made !== client)
      watchCalls(made, ['run', 'get', 'all', 'iterate'], look);
  });
}

/** Replaces methods of this one object by ones that show what they throw, and what they give back. */
function watchCalls(
  object: object,
  names: readonly string[],
  onError: (error: unknown) => void,
  onResult?: (result: unknown) => void,
): void {
  for (const name of names) {
    const method: unknown = Reflect.get(object, name);
    if (typeof method !== 'function') continue;
    const watched = (...args: unknown[]): unknown => {
      try {
        const result: unknown = Reflect.apply(method, object, args);
        onResult?.(result);
        return result;
      } catch (error) {
        onError(error);
        throw error;
      }
    };
    Reflect.set(object, name, watched);
  }
}
