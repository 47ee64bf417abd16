/** How the agent, which knows no channel, hands on what it says. Rows of the outbox are written by the agent; these are the nudges. */
export interface Replies {
  /** The row is durable: deliver what it holds by now. Safe to call at any time, any number of times. */
  wake(outboxId: number): void;
  /** The answer so far, as Markdown. May be shown, or not; never durable. */
  preview(outboxId: number, markdown: string): void;
}
