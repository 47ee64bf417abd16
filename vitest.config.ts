import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes and a real workerd start in some of these; the machine may be small and busy.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
  },
});
