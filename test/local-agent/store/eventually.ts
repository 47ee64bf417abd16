/** Waits for what comes about by itself, on however busy a machine. */
import { expect } from 'vitest';

export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000, interval: 10 });
