/** Which addresses may be an edge's. */
import { isLoopback } from '../../shared/loopback.ts';

/**
 * The origin of an edge as somebody wrote it: `https`, which may be left out, or `http` on a loopback address, where nobody can listen in
 * and there is no certificate; a path is left out.
 * `undefined` when it is none.
 */
export function readEdgeOrigin(text: string): string | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return undefined;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)) ? url.origin : undefined;
}
