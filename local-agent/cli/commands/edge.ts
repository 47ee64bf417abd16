/** `pryx edge dev` and `pryx edge keygen`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type EdgeKeys, edgeKeys } from '../../../shared/api/edge.ts';
import { PryxError } from '../../../shared/error.ts';
import type { CommandContext } from '../context.ts';
import { stopSignal } from '../stop-signal.ts';
import { stopWithParent } from '../stop-with-parent.ts';
import { generateEdgeKeys } from '../edge/generate-keys.ts';
import { runEdge } from '../edge/run.ts';

export interface EdgeDevOptions {
  host: string;
  port: string;
}

/** The keys and the development token come by environment: arguments are for everybody on the machine to read. */
export async function edgeDev({ home, output }: CommandContext, options: EdgeDevOptions): Promise<number> {
  const port = Number(options.port);
  if (!/^\d{1,5}$/.test(options.port) || port > 65_535)
    throw new PryxError('usage', '--port is not a port.', { hint: 'For instance: --port 8787' });
  // Whoever calls it by a loopback name may enrol a device: so nobody else may reach it.
  if (!['127.0.0.1', '::1', 'localhost'].includes(options.host))
    throw new PryxError('usage', '--host is not an address of this machine alone.', {
      hint: 'Use 127.0.0.1; deploy the edge to be reached from outside (docs/deploy.md).',
    });
  stopWithParent();
  return runEdge({
    bundle: findWorker(),
    host: options.host,
    port,
    storage: join(home.folder, 'edge', 'storage'),
    keys: readKeys(process.env['PRYX_EDGE_KEYS']),
    developmentToken: need('PRYX_DEVELOPMENT_TOKEN'),
    log: (line) => output.say(line),
    stopping: stopSignal(),
    onReady: (edge) =>
      output.result(edge, `${output.style('green', '●')} The edge answers at ${edge.url} (process ${edge.pid}).`),
  });
}

export async function edgeKeygen({ output }: CommandContext): Promise<number> {
  const keys = await generateEdgeKeys();
  output.result(keys, JSON.stringify(keys));
  output.say(
    output.styleRemark(
      'dim',
      'Whoever has these can speak for your edge: npx wrangler secret put PRYX_EDGE_KEYS (docs/deploy.md).',
    ),
  );
  return 0;
}

/** Beside the bundle; from source, where the build puts it. */
function findWorker(): string {
  const places = [join(import.meta.dirname, 'worker.js'), join(import.meta.dirname, '../../../dist/worker.js')];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new PryxError('unavailable', 'The bundle of the edge is not there.', { hint: 'Make it with `npm run build`.' });
}

function readKeys(text: string | undefined): EdgeKeys {
  try {
    return edgeKeys.parse(JSON.parse(text ?? need('PRYX_EDGE_KEYS')));
  } catch (error) {
    if (error instanceof PryxError) throw error;
    throw new PryxError('config_invalid', 'PRYX_EDGE_KEYS is not the JSON that `pryx edge keygen` prints.', {
      hint: 'Make new keys with `pryx edge keygen`.',
    });
  }
}

function need(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new PryxError('config_invalid', `${name} is not set.`, {
    hint: '`pryx dev` sets it; to run the edge alone, set it yourself (docs/deploy.md).',
  });
}
