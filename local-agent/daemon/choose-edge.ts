/** Which edge is to be paired with. */
import type { StartPairingRequest } from '../../shared/api/pairing.ts';
import { PryxError } from '../../shared/error.ts';
import { readEdgeOrigin } from '../core/edge-origin.ts';
import type { Settings } from '../core/settings.ts';

/** The one that was named, or else the one in force. Throws `bad_request`, and `conflict` for one that would not be used. */
export function chooseEdge(
  { edge }: StartPairingRequest,
  settings: Pick<Settings, 'edge'>,
  inForce: string | null,
): string {
  const origin = edge === undefined ? inForce : readEdgeOrigin(edge);
  if (origin === null)
    throw new PryxError('bad_request', 'It is not known which edge to pair with.', {
      hint: 'Name it: pryx pair --edge <address of your edge>. How to deploy one: docs/deploy.md.',
    });
  if (origin === undefined)
    throw new PryxError('bad_request', 'That is not the address of an edge.', {
      hint: 'It begins with https://, or with http:// on this machine.',
    });
  // Otherwise it would be paired, and not used.
  if (settings.edge !== null && settings.edge.origin !== origin)
    throw new PryxError(
      'conflict',
      `PRYX_EDGE_URL of the running daemon names another edge, ${settings.edge.origin}.`,
      {
        hint: 'If `npm start` runs here, end it. Otherwise unset PRYX_EDGE_URL, or change it, and restart with `pryx restart`. Then pair.',
      },
    );
  return origin;
}
