/** Time as an argument, so that a simulator can own it. */
export interface Clock {
  /** Milliseconds since the epoch, with a fraction; never goes back within a process. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
