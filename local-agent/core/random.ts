/** Randomness as an argument, so that a simulator can own it. */
export interface Random {
  /** Cryptographically strong. */
  bytes(length: number): Uint8Array;
  /** From 0 up to 1, for jitter only. */
  fraction(): number;
}
