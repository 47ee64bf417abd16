/** `pryx pair`: shows what the owner needs to approve this device, and waits until that is done and the link is up. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PairingState, StartPairingRequest } from '../../../shared/api/pairing.ts';
import type { StatusResponse } from '../../../shared/api/status.ts';
import { PryxError, errorBody, exitCode } from '../../../shared/error.ts';
import { giveUpPairing, startPairing } from '../ask-pairing.ts';
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
  const begun = await begin(home, readOptions(options), stopping);
  if ('first' in begun && begun.first.state === 'paired') return tellPaired(context, begun.first, true, stopping);
  const end = 'first' in begun ? await awaitOwner(context, begun.first, stopping) : begun;
  if ('paired' in end) return tellPaired(context, end.paired, false, stopping);
  const words = end.givenUp.state === 'paired' ? `It stays paired with ${end.givenUp.edge}.` : 'Nothing is paired.';
  context.output.result(end.givenUp, `Given up. ${words} To begin anew: pryx pair`);
  return 4;
}

/** Given up at once, too, while the edge has not answered yet: that may take half a minute. */
async function begin(
  home: CliHome,
  request: StartPairingRequest,
  stopping: AbortSignal,
): Promise<{ first: PairingState } | { givenUp: PairingState }> {
  const giveUp = async () => ({ givenUp: await giveUpPairing(home) });
  if (stopping.aborted) return giveUp();
  const answered = new AbortController();
  const givenUp = once(stopping, 'abort', { signal: answered.signal }).then(giveUp);
  try {
    return await Promise.race([startPairing(home, request).then((first) => ({ first })), givenUp]);
  } catch (error) {
    // Giving up is what ended it: of the two answers this one may come first.
    if (stopping.aborted) return await givenUp;
    throw error;
  } finally {
    answered.abort();
  }
}

/** Of this terminal's environment: the daemon may run in another one. */
function readOptions({ edge = process.env['PRYX_EDGE_URL'], name, again }: PairOptions): StartPairingRequest {
  return { ...(edge ? { edge } : {}), ...(name !== undefined && { name }), ...(again === true && { again }) };
}

async function tellPaired(
  { home, output }: CommandContext,
  paired: Paired,
  already: boolean,
  stopping: AbortSignal,
): Promise<number> {
  const { link } = await untilUp(home, paired.edge, stopping);
  const words = `Paired with ${paired.edge}${already ? ' already' : ''}.`;
  if (link.state === 'up') {
    output.result(
      { ...paired, already, link: 'up' },
      `${output.style('green', '●')} ${words} ${output.style('green', 'The link is up.')}`,
    );
    if (already) output.say(output.styleRemark('dim', 'To pair it anew: pryx pair --again'));
    return 0;
  }
  const trouble = new PryxError('unhealthy', link.lastError?.message ?? 'The link to the edge is not up yet.', {
    hint: link.lastError?.hint ?? 'See `pryx status` in a moment.',
  });
  output.result(
    { ...paired, already, link: link.state, ...errorBody(trouble) },
    `${output.style('yellow', '●')} ${words}`,
  );
  if (!output.json) output.fail(trouble);
  return exitCode(trouble);
}

/** The link is made right after pairing; it may take a few seconds over a bad network. One to the edge of before does not count. */
async function untilUp(home: CliHome, edge: string, stopping: AbortSignal): Promise<StatusResponse> {
  for (const startedAt = performance.now(); ; await sleep(50)) {
    const status = await readStatus(home);
    const up = status.link.state === 'up' && status.link.edge === edge;
    if (up || stopping.aborted || performance.now() - startedAt > linkWithinMs) return status;
  }
}
