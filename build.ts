/**
 * Builds what runs: `dist/pryx.js`, daemon and CLI in one with lazy chunks beside it, and `dist/worker.js`, the edge.
 * One bundle, because loading the sources one by one costs three times the memory and the time to start (docs/dependencies.md).
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, type OutputFile, build } from 'esbuild';

const root = import.meta.dirname;
const dist = join(root, 'dist');

const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  write: false,
  format: 'esm',
  charset: 'utf8',
  legalComments: 'external',
  sourcemap: 'external',
  sourcesContent: false,
  logLevel: 'warning',
} as const satisfies BuildOptions;

async function buildPryx(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    ...common,
    entryPoints: { pryx: 'local-agent/cli/pryx.ts' },
    platform: 'node',
    target: 'node24',
    splitting: true,
    chunkNames: '[name]-[hash]',
    // A native addon, and what only `pryx dev` and `pryx edge dev` ask for.
    external: ['better-sqlite3', 'miniflare', 'wrangler'],
    // Names stay, so that a stack can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    // Dependencies in CommonJS (grammY, ws) call `require` for what Node brings.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
    },
  });
  return outputFiles;
}

async function buildWorker(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    ...common,
    entryPoints: { worker: 'workers/worker.ts' },
    platform: 'neutral',
    target: 'es2024',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    minify: true,
  });
  return outputFiles;
}

/**
 * Whole files under their names or none: others may be reading while this runs. What is the same is left alone. With the first change goes
 * what Node compiled from the files before, which it would keep for ever.
 */
async function writeOutputs(outputs: readonly OutputFile[]): Promise<void> {
  await mkdir(dist, { recursive: true });
  for (const { path, contents } of outputs) {
    if (existsSync(path) && (await readFile(path)).equals(contents)) continue;
    if (path.endsWith('.js')) await rm(join(dist, '.compile-cache'), { recursive: true, force: true });
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, contents);
    if (basename(path) === 'pryx.js') await chmod(unfinished, 0o755);
    await rename(unfinished, path);
  }
  const names = new Set(outputs.map(({ path }) => basename(path)));
  for (const name of await readdir(dist)) {
    if (/\.(js|map|txt)$/.test(name) && !names.has(name)) await rm(join(dist, name), { force: true });
  }
}

/**
 * `npx pryx` finds the command among the installed ones. A `bin` of package.json would make npx install the checkout into its own cache
 * on first use, and take 100 ms longer every time.
 */
async function linkCommand(): Promise<void> {
  const bin = join(root, 'node_modules/.bin');
  if (!existsSync(bin)) return;
  if (process.platform === 'win32') {
    await writeFile(join(bin, 'pryx.cmd'), '@node "%~dp0\\..\\..\\dist\\pryx.js" %*\r\n');
    // `npm start` says `exec`, so that a signal for npm reaches Pryx and not a shell in between; cmd.exe knows no such word.
    await writeFile(join(bin, 'exec.cmd'), '@%*\r\n');
  } else if (!existsSync(join(bin, 'pryx'))) {
    await rm(join(bin, 'pryx'), { force: true });
    await symlink('../../dist/pryx.js', join(bin, 'pryx'));
  }
}

function describe(name: string, outputs: readonly OutputFile[]): string {
  const files = outputs.filter(({ path }) => path.endsWith('.js'));
  const kilobytes = (size: (file: OutputFile) => number): string =>
    `${Math.ceil(files.reduce((sum, file) => sum + size(file), 0) / 1000)} kB`;
  const more = files.length > 1 ? ` and ${files.length - 1} chunks` : '';
  return `${name}${more}: ${kilobytes((file) => file.contents.length)}, ${kilobytes((file) => gzipSync(file.contents).length)} compressed\n`;
}

const [pryx, worker] = await Promise.all([buildPryx(), buildWorker()]);
await writeOutputs([...pryx, ...worker]);
await linkCommand();
if (!process.argv.includes('--quiet'))
  process.stdout.write(describe('dist/pryx.js', pryx) + describe('dist/worker.js', worker));
