/** The Worker as `npm run build` makes it, in a folder of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export async function bundleWorker(): Promise<{ folder: string; bundle: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'pryx-edge-'));
  const bundle = join(folder, 'worker.js');
  await build({
    entryPoints: [fileURLToPath(new URL('../../../workers/worker.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'error',
  });
  return { folder, bundle, remove: () => rm(folder, { recursive: true, force: true }) };
}
