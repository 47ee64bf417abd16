/** `pryx edge dev`: the edge on this machine, until a signal comes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PryxError } from '../../../shared/error.ts';
import { pageOrigin } from '../../../shared/pairing/page-origin.ts';
import type { CommandContext } from '../context.ts';
import { stopSignal } from '../stop-signal.ts';
import { stopWithParent } from '../stop-with-parent.ts';
import { readEdgeKeys, readSetupCode } from '../edge/own-secrets.ts';
import { runEdge } from '../edge/run.ts';
import type { Output } from '../terminal/output.ts';

interface EdgeDevOptions {
  host: string;
  port: string;
}

/** Keys and set-up code come by environment or from a file: arguments are for everybody on the machine to read. */
export async function edgeDev({ home, output }: CommandContext, options: EdgeDevOptions): Promise<number> {
  const port = Number(options.port);
  if (!/^\d{1,5}$/.test(options.port) || port > 65_535)
    throw new PryxError('usage', '--port is not a port.', { hint: 'For instance: --port 8787' });
  // It speaks plain HTTP, which nobody but this machine may hear.
  if (!['127.0.0.1', '::1', 'localhost'].includes(options.host))
    throw new PryxError('usage', '--host is not an address of this machine alone.', {
      hint: 'Use 127.0.0.1; deploy the edge to be reached from outside (docs/deploy.md).',
    });
  stopWithParent();
  const folder = join(home.folder, 'edge');
  const setupCode = await readSetupCode(folder, process.env);
  return runEdge({
    bundle: findWorker(),
    host: options.host,
    port,
    storage: join(folder, 'storage'),
    keys: await readEdgeKeys(folder, process.env),
    setupCode,
    log: (line) => output.say(line),
    stopping: stopSignal(),
    onReady(edge) {
      output.result(edge, `${output.style('green', '●')} The edge answers at ${edge.url} (process ${edge.pid}).`);
      if (!output.json) void tellHowToClaim(edge.url, setupCode, output).catch(() => undefined);
    },
  });
}

/** While nobody owns the edge. */
async function tellHowToClaim(url: string, setupCode: string, output: Output): Promise<void> {
  const [{ createBrowser }, { sendHttp }] = await Promise.all([
    import('../dev/browser/browse.ts'),
    import('../dev/browser/send.ts'),
  ]);
  const pages = pageOrigin(url);
  const page = await createBrowser(sendHttp).visit(new URL('/pair', pages));
  if (page.name !== 'claim') return;
  output.say('It belongs to nobody yet. Claim it, with a passkey:');
  output.say(`  address      ${output.styleRemark('cyan', `${pages}/claim`)}`);
  output.say(`  set-up code  ${output.styleRemark('bold', setupCode)}`);
}

/** Beside the bundle; from source, where the build puts it. */
function findWorker(): string {
  const places = [join(import.meta.dirname, 'worker.js'), join(import.meta.dirname, '../../../dist/worker.js')];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new PryxError('unavailable', 'The bundle of the edge is not there.', { hint: 'Make it with `npm run build`.' });
}
