/** What every Durable Object here needs of the world around it; a test gives its own. */

export type SqlValue = string | number | ArrayBuffer | null;

/** The object's own SQLite. Synchronous; nothing leaves the object before what was written is durable. */
export interface Sql {
  /** Runs one statement and returns all of its rows. */
  all<Row extends Record<string, SqlValue>>(statement: string, ...bindings: SqlValue[]): Row[];
  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, and not before everything that has already arrived was taken up. */
  sleep(ms: number): Promise<void>;
}

export interface Random {
  bytes(length: number): Uint8Array;
}

export interface Alarm {
  /** Wakes the object at `at` or earlier. */
  ensure(at: number): void;
}
