/** Where a conversation takes place. Only its channel reads `data`; everybody else carries it about. */
export interface Address {
  /** Name of the channel: `telegram`. */
  readonly channel: string;
  /** Unique within the channel: one conversation, one lane. Order is kept within it. */
  readonly key: string;
  /** What the channel needs to answer there; plain JSON. */
  readonly data: unknown;
}

/** The name of the lane: work of one lane runs in order, lanes run side by side. */
export const laneOf = (address: Address): string => `${address.channel}:${address.key}`;
