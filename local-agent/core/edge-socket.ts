/** The outbound WebSocket, as a port: real over `ws`, or a simulator's. */
export interface EdgeSocket {
  send(text: string): void;
  /** Closes for good; `closed` still follows. */
  close(code: number, reason: string): void;
}

export interface EdgeSocketEvents {
  opened(): void;
  received(text: string): void;
  /** Once, whatever happened. `status` is set when the edge answered the upgrade with HTTP instead, and `errorCode` when it said why. */
  closed(reason: { code: number; message: string; status?: number; errorCode?: string }): void;
}

/** Never throws: what goes wrong arrives as `closed`. */
export type OpenEdgeSocket = (
  url: string,
  options: { protocol: string; headers: Record<string, string> },
  events: EdgeSocketEvents,
) => EdgeSocket;
