/** Bundles a program of the tests as the daemon is bundled: from source it would take a second to load. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

/** Beside the installed packages, so that the native one is found. To be called while tests are collected: gone when they have run. */
export async function bundle(entry: string): Promise<string> {
  const root = join(import.meta.dirname, '../../../node_modules/.pryx-test');
  mkdirSync(root, { recursive: true });
  const outdir = mkdtempSync(join(root, 'bundle-'));
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));
  await build({
    entryPoints: { program: entry },
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['better-sqlite3', 'miniflare'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
  });
  return join(outdir, 'program.js');
}
