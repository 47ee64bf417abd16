/** `pryx edge dev` and `pryx edge keygen`. */
import { randomBytes } from 'node:crypto';
import type { EdgeKeys } from '../../../shared/api/edge.ts';
import { generateSigningKey } from '../../../shared/wire/signature.ts';
import { type EdgeOptions, startEdge } from '../edge/workerd.ts';

export interface EdgeDevelopmentOptions extends EdgeOptions {
  /** Told once, when the edge answers. */
  onReady(edge: { url: string; pid: number }): void;
  /** Stops the edge. */
  stopping: AbortSignal;
}

/** Runs until it is told to stop, and then returns 0; returns 1 when workerd dies, for a supervisor to start it anew. */
export async function runEdgeDevelopment(options: EdgeDevelopmentOptions): Promise<number> {
  const edge = await startEdge(options);
  const stop = () => void edge.stop();
  if (options.stopping.aborted) stop();
  options.stopping.addEventListener('abort', stop, { once: true });
  options.onReady({ url: edge.url, pid: edge.pid });
  return (await edge.ended) === 'stopped' ? 0 : 1;
}

/** What `PRYX_EDGE_KEYS` holds, as JSON on one line (docs/deploy.md). Whoever has it can speak for the edge. */
export async function generateEdgeKeys(): Promise<EdgeKeys> {
  return { signing: [await generateSigningKey()], hook: randomBytes(32).toString('base64url') };
}
