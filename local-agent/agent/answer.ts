/** What Pryx says in answer to one thing. */
import type { Button } from '../core/channel.ts';

export interface Answer {
  /** Markdown. */
  text: string;
  buttons?: Button[];
}
