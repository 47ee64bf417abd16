/** Shows a pairing that waits for its owner, and comes back when that is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PairingState } from '../../shared/api/pairing.ts';
import { PryxError } from '../../shared/error.ts';
import { giveUpPairing, pairingFailure, readPairing } from './ask-pairing.ts';
import type { CommandContext } from './context.ts';
import { createLiveLine } from './terminal/live-line.ts';
import { showCountdown, showPairing } from './terminal/show-pairing.ts';

export type Paired = Extract<PairingState, { state: 'paired' }>;

const lookAgainMs = 250;

/** Comes back with what there is without it when `stopping` gave it up. Throws `pairing_denied`, `pairing_expired` and what else kept it from succeeding. */
export async function awaitOwner(
  { home, output }: CommandContext,
  first: PairingState,
  stopping: AbortSignal,
): Promise<{ paired: Paired } | { givenUp: PairingState }> {
  // With --json the result has standard output for itself.
  const stream = output.json ? process.stderr : process.stdout;
  const style = output.json ? output.styleRemark : output.style;
  const line = createLiveLine(stream);
  let shown: string | undefined;
  try {
    for (let now = first; ; now = await readPairing(home)) {
      if (now.state === 'paired' && !isOfBefore(now, first)) return { paired: now };
      if (now.state === 'failed') throw pairingFailure(now);
      // What it was paired with before, if anything, is in force again: it was given up at another terminal, or the daemon began anew.
      if (now.state === 'none' || now.state === 'paired')
        throw new PryxError('conflict', 'The pairing was given up elsewhere.', {
          hint: 'Begin anew with `pryx pair`.',
        });
      if (stopping.aborted) return { givenUp: await giveUpPairing(home) };
      if (shown !== now.user_code) {
        line.clear();
        stream.write(`${showPairing(now, stream.isTTY ? stream.columns : 80, style)}\n`);
        shown = now.user_code;
      }
      line.show(style('dim', showCountdown(now, Date.now())));
      await sleep(lookAgainMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  } finally {
    line.clear();
  }
}

const isOfBefore = (paired: Paired, first: PairingState): boolean =>
  first.state === 'waiting' && paired.paired_at < (first.started_at ?? 0);
