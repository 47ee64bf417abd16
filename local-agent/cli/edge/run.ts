/** The life of an edge on this machine. */
import { type EdgeOptions, startEdge } from './workerd.ts';

export interface RunEdgeOptions extends EdgeOptions {
  /** Told once, when the edge answers. */
  onReady(edge: { url: string; pid: number }): void;
  /** Stops the edge. */
  stopping: AbortSignal;
}

/** Runs until it is told to stop, and then returns 0; returns 1 when workerd dies, for a supervisor to start it anew. */
export async function runEdge(options: RunEdgeOptions): Promise<number> {
  const edge = await startEdge(options);
  const stop = () => void edge.stop();
  if (options.stopping.aborted) stop();
  options.stopping.addEventListener('abort', stop, { once: true });
  options.onReady({ url: edge.url, pid: edge.pid });
  return (await edge.ended) === 'stopped' ? 0 : 1;
}
