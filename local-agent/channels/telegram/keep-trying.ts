/** Runs a round again and again until it is stopped: in its own rhythm while it succeeds, with growing pauses while it fails. */
import { type PryxError, toPryxError } from '../../../shared/error.ts';
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';

export interface KeepTryingDeps {
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  /** Does the work; resolves to the milliseconds before the next round. */
  round(): Promise<number>;
  /** The round threw; the next one follows by itself. */
  failed(error: PryxError): void;
  /** Called with what ends the present pause early. */
  onPause?(wake: () => void): void;
}

const firstRetryMs = 1_000;
const mostRetryMs = 30_000;

export async function keepTrying({ clock, random, signal, round, failed, onPause }: KeepTryingDeps): Promise<void> {
  let failures = 0;
  let successes = 0;
  while (!signal.aborted) {
    let pause: number;
    try {
      pause = await round();
      successes += 1;
      // One success between failures is no recovery: two programs that poll with one token take turns like that.
      if (successes > 1) failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failed(toPryxError(error));
      // Less up to a half, so that many devices do not come back at once.
      pause = Math.min(mostRetryMs, firstRetryMs * 2 ** failures) * (0.5 + random.fraction() / 2);
      failures = Math.min(failures + 1, 16);
      successes = 0;
    }
    const woken = new AbortController();
    onPause?.(() => woken.abort());
    if (pause > 0) await clock.sleep(pause, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
  }
}
