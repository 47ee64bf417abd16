/** `pryx pair`: shows what the owner needs to approve this device, and waits until that is done and the link is up. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartPairingRequest } from '../../../shared/api/pairing.ts';
import type { StatusResponse } from '../../../shared/api/status.ts';
import { PryxError, errorBody, exitCode } from '../../../shared/error.ts';
import { startPairing } from '../ask-pairing.ts';
import { type Paired, awaitOwner } from '../await-owner.ts';
import type { CommandContext } from '../context.ts';
import type { CliHome } from '../home.ts';
import { readStatus } from '../read-status.ts';
import { stopSignal } from '../stop-signal.ts';
import { ensureRunning } from './start.ts';

export interface PairOptions {
  edge?: string;
  name?: string;
  /** Although it is paired already. */
  again?: boolean;
}

const linkWithinMs = 20_000;

/** Exit code 4 when it was denied, expired or given up. */
export async function pair(context: CommandContext, options: PairOptions): Promise<number> {
  const { home } = context;
  const stopping = stopSignal();
  await ensureRunning(context, {});
  const first = await startPairing(home, readOptions(options));
  if (first.state === 'paired') return tellPaired(context, first, true);
  const paired = await awaitOwner(context, first, stopping);
  if (paired !== undefined) return tellPaired(context, paired, false);
  context.output.result({ state: 'given_up' }, 'Given up: nothing is paired. Begin anew with `pryx pair`.');
  return 4;
}

/** Of this terminal's environment: the daemon may run in another one. */
function readOptions({ edge = process.env['PRYX_EDGE_URL'], name, again }: PairOptions): StartPairingRequest {
  return { ...(edge ? { edge } : {}), ...(name !== undefined && { name }), ...(again === true && { again }) };
}

async function tellPaired({ home, output }: CommandContext, paired: Paired, already: boolean): Promise<number> {
  const { link } = await untilUp(home);
  const words = already
    ? `This device is paired with ${paired.edge} already. To pair it anew: pryx pair --again`
    : `Paired with ${paired.edge}.`;
  const up = link.state === 'up';
  if (up) {
    output.result(
      { ...paired, already, link: 'up' },
      `${output.style('green', '●')} ${words} ${output.style('green', 'The link is up.')}`,
    );
    return 0;
  }
  const trouble = new PryxError('unhealthy', link.lastError?.message ?? 'The link to the edge is not up yet.', {
    hint: link.lastError?.hint ?? 'See `pryx status` in a moment.',
  });
  output.result({ ...paired, already, link: link.state, ...errorBody(trouble) }, `${output.style('yellow', '●')} ${words}`);
  if (!output.json) output.fail(trouble);
  return exitCode(trouble);
}

/** The link is made right after pairing; it may take a few seconds over a bad network. */
async function untilUp(home: CliHome): Promise<StatusResponse> {
  for (const startedAt = performance.now(); ; await sleep(50)) {
    const status = await readStatus(home);
    if (status.link.state === 'up' || performance.now() - startedAt > linkWithinMs) return status;
  }
}
