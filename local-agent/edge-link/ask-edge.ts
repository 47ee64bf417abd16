/** What every request to the edge has in common: how its failures are told, and its clock compared. */
import { PryxError } from '../../shared/error.ts';
import { clockSkewMs } from '../../shared/wire/limits.ts';
import type { Clock } from '../core/clock.ts';
import type { EdgeAnswer, EdgeRequest } from './request.ts';

/** Throws `edge_unreachable`, or the reason of `signal` when that aborts. */
export async function askEdge(
  request: EdgeRequest,
  [method, url, headers, body, signal]: Parameters<EdgeRequest>,
): Promise<EdgeAnswer> {
  try {
    return await request(method, url, headers, body, signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new PryxError('edge_unreachable', `The edge at ${new URL(url).origin} cannot be reached.`, {
      hint: 'Check the address of the edge, and the network.',
      cause,
    });
  }
}

/** A wrong clock would refuse every job as expired: better not to connect until it is set. Throws `clock_wrong`. */
export function checkClock(clock: Clock, { headers }: EdgeAnswer): void {
  const apart = Math.abs(Date.parse(headers.date ?? '') - clock.now());
  if (Number.isNaN(apart) || apart <= clockSkewMs) return;
  throw new PryxError(
    'clock_wrong',
    `The clocks of this machine and the edge lie ${Math.round(apart / 1000)} s apart.`,
    {
      hint: 'Set the time of this machine (timedatectl set-ntp true), then `pryx restart`. Messages wait at the edge for a day.',
    },
  );
}

export const unknownForm = (): PryxError =>
  new PryxError('edge_unreachable', 'The edge gave an answer of an unknown form.', {
    hint: 'Is this the address of a Pryx edge, and of the same version?',
  });
