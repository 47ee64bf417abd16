/** An answer while it is being made: the text so far, and a bell for whoever delivers it. Nothing here is durable. */
export interface Draft {
  /** The row changed. */
  wake(): void;
  write(markdown: string): void;
  /** Whether there is text that was not taken yet. */
  written(): boolean;
  take(): string;
  /** Resolves at the next `wake` or `write`; at once when one came since the last call. Only the latest call is answered. */
  rung(): Promise<void>;
}

export function createDraft(): Draft {
  let text: string | undefined;
  let rang = false;
  let listener: (() => void) | undefined;

  function ring(): void {
    rang = true;
    listener?.();
  }

  return {
    wake: ring,
    write(markdown) {
      text = markdown;
      ring();
    },
    written: () => text !== undefined,
    take() {
      const taken = text ?? '';
      text = undefined;
      return taken;
    },
    async rung() {
      if (!rang)
        await new Promise<void>((resolve) => {
          listener = resolve;
        });
      rang = false;
      listener = undefined;
    },
  };
}
