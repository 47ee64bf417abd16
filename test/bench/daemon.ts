/** The daemon as a process: how soon it serves, what it weighs, how soon `pryx status` answers, and what is installed with it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { createLine } from '../support/line.ts';
import { type Row, now, percentile, row } from './measure.ts';

const root = new URL('../../', import.meta.url).pathname;

export async function benchDaemon({ short }: { short: boolean }): Promise<Row[]> {
  const runs = short ? 5 : 15;
  const line = await createLine({ direct: true });
  const folder = mkdtempSync(join(root, 'dist', 'bench-'));
  try {
    const floor = join(folder, 'floor-daemon.mjs');
    await build({
      entryPoints: [join(root, 'test/bench/floor-daemon.ts')],
      outfile: floor,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['better-sqlite3'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    await line.startEdge();
    await line.startDaemon();
    await line.connected();
    const settled = async (): Promise<number> => {
      await sleep(short ? 2_000 : 10_000);
      return residentMegabytes(line.daemon()?.pid ?? 0);
    };
    // What a pairing loads stays in memory until the next start.
    const afterPairing = await settled();
    await line.killDaemon('SIGTERM');
    await line.startDaemon();
    await line.connected();
    const idle = await settled();
    const pryxStatus = await status(line.home.folder, short ? 5 : 15);
    await line.killDaemon('SIGTERM');

    const env = { ...line.env, PRYX_EDGE_URL: 'http://127.0.0.1:9' };
    const starts: Record<'pryx' | 'floor', number[]> = { pryx: [], floor: [] };
    let floorIdle = 0;
    for (let run = 0; run <= runs; run += 1) {
      const pryx = await startOnce([join(root, 'dist/pryx.js'), 'daemon', '--home', line.home.folder], env);
      await pryx.stop();
      const bare = await startOnce([floor], env);
      if (run === 0) {
        await sleep(2_000);
        floorIdle = residentMegabytes(bare.pid);
      } else {
        // The first run of each fills the caches.
        starts.pryx.push(pryx.ms);
        starts.floor.push(bare.ms);
      }
      await bare.stop();
    }
    return [
      row('daemon: start to ready, median', percentile(starts.pryx, 0.5), 'ms', 300),
      row('daemon: start to ready of the floor, median', percentile(starts.floor, 0.5), 'ms'),
      row('daemon: idle memory (RSS)', idle, 'MB', 90),
      row('daemon: idle memory after a pairing, until the next start', afterPairing, 'MB'),
      row('daemon: idle memory of the floor', floorIdle, 'MB'),
      row('npx pryx status, median', pryxStatus.pryx, 'ms'),
      row('npx pryx status beyond npx itself', pryxStatus.pryx - pryxStatus.npx, 'ms', 150),
      row('production dependencies on disk', productionMegabytes(), 'MB', 60),
      row(
        'bundle of daemon and CLI on disk',
        megabytesOf(join(root, 'dist'), (name) => name.endsWith('.js') && name !== 'worker.js'),
        'MB',
      ),
    ];
  } finally {
    await line.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startOnce(
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ ms: number; pid: number; stop(): Promise<void> }> {
  const start = now();
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...env, PRYX_ANNOUNCE_FD: '3' },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const word = await new Promise<string>((resolve) =>
    child.stdio[3]?.once('data', (data: Buffer) => resolve(data.toString())),
  );
  if (word.includes('"error"')) throw new Error(word);
  const ms = now() - start;
  return {
    ms,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** In turns with a command that does nothing, so that what npx itself takes can be taken off. */
async function status(home: string, runs: number): Promise<{ pryx: number; npx: number }> {
  const times: Record<'pryx' | 'npx', number[]> = { pryx: [], npx: [] };
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, args] of [
      ['pryx', ['pryx', 'status', '--json', '--home', home]],
      ['npx', ['node', '--version']],
    ] as const) {
      const start = now();
      const { status: code, stderr } = spawnSync('npx', args, { cwd: root, encoding: 'utf8' });
      if (code !== 0) throw new Error(stderr);
      if (run > 0) times[name].push(now() - start);
    }
  }
  return { pryx: percentile(times.pryx, 0.5), npx: percentile(times.npx, 0.5) };
}

const residentMegabytes = (pid: number): number =>
  Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) / 1024;

/** What `npm ci --omit=dev` leaves of node_modules, by the lockfile. */
function productionMegabytes(): number {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path.startsWith('node_modules/') && dev !== true)
    .reduce((sum, [path]) => sum + megabytesOf(join(root, path), () => true), 0);
}

function megabytesOf(folder: string, counts: (name: string) => boolean): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && counts(entry.name)) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes / 1024 / 1024;
}
