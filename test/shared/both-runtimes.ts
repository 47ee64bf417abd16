/** Runs the cases of one file twice: here in Node, and bundled into a Worker in workerd. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Case } from './case.ts';

/** `url` is where the cases lie; the file exports them as `cases`, in the same order wherever it runs. */
export function runInBothRuntimes(url: URL, cases: readonly Case[]): void {
  describe('in Node', () => {
    for (const { title, run, only } of cases) if (only === undefined) test(title, run);
  });

  describe('in workerd', () => {
    let miniflare: Miniflare | undefined;
    beforeAll(async () => {
      const contents = await bundle(fileURLToPath(url));
      miniflare = new Miniflare({
        host: '127.0.0.1',
        port: 0,
        logRequests: false,
        // No look-up of where this machine is.
        cf: false,
        workers: [
          {
            config: {
              name: 'cases',
              compatibilityDate: '2026-11-01',
              manifest: { mainModule: 'worker.js', modules: { 'worker.js': { type: 'esm', contents } } },
            },
          },
        ],
      });
      await miniflare.ready;
    });
    afterAll(() => miniflare?.dispose());

    cases.forEach(({ title }, index) =>
      test(title, async () => {
        const response = await miniflare?.dispatchFetch(`http://cases/${index}`);
        if (response?.status !== 204) throw new Error(await response?.text());
      }),
    );
  });
}

async function bundle(cases: string): Promise<string> {
  const worker = `
    import { cases } from ${JSON.stringify(cases)};
    export default {
      async fetch(request) {
        try {
          await cases[Number(new URL(request.url).pathname.slice(1))].run();
          return new Response(null, { status: 204 });
        } catch (error) {
          return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
        }
      },
    };`;
  const { outputFiles } = await build({
    stdin: { contents: worker, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
