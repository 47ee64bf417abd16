/** The numbers that edge and device agree on (docs/protocol.md). */

/** Largest request body that becomes a job, in bytes; more is refused with 413. */
export const maxBodyBytes = 1024 * 1024;
/** Largest frame on the link, in bytes: a full body sealed and signed (base64url twice) with room for its claims. */
export const maxFrameBytes = 2 * 1024 * 1024;
/** Jobs that may be on their way to a device without an acknowledgement. */
export const maxInFlight = 64;
/** How long the mailbox keeps a job, in milliseconds. */
export const jobLifetimeMs = 24 * 60 * 60 * 1000;
/** How far the clocks of edge and device may lie apart, in milliseconds. */
export const clockSkewMs = 5 * 60 * 1000;
/** What one mailbox holds at most. */
export const maxMailboxJobs = 10_000;
export const maxMailboxBytes = 64 * 1024 * 1024;
