/** Writes that come together share one transaction: a commit costs a flush of the disk, however much it holds. */
import type { Db } from './database.ts';

/**
 * Runs `work` in a transaction and resolves once that is durable. Works run in the order they were given, each for itself: one that throws
 * is undone and rejected alone. `work` is synchronous.
 */
export type Commit = <Result>(work: () => Result) => Promise<Result>;

/** `defer` runs its argument once what has already arrived is dealt with: `setImmediate`, or a simulator's. */
export function createGroupCommit(db: Db, defer: (work: () => void) => void): Commit {
  let waiting: { run: () => () => void; fail: (error: unknown) => void }[] = [];

  function commitAll(): void {
    const batch = waiting;
    waiting = [];
    let settled: (() => void)[] = [];
    try {
      db.transaction(() => {
        settled = batch.map(({ run }) => run());
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
      return;
    }
    for (const settle of settled) settle();
  }

  return (work) =>
    new Promise((resolve, reject) => {
      function run(): () => void {
        try {
          // Within the other one this is a savepoint.
          const result = db.transaction(work);
          return () => resolve(result);
        } catch (error) {
          // A full disk undoes everything at once; then there is nothing left to commit for the others either.
          if (!db.$client.inTransaction) throw error;
          return () => reject(error);
        }
      }
      waiting.push({ run, fail: reject });
      if (waiting.length === 1) defer(commitAll);
    });
}
