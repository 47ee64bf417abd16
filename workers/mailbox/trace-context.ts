/** W3C Trace Context: the trace of a job goes on from a valid `traceparent` of its sender, or begins here. */
import type { Random } from '../durable/ports.ts';

const valid = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

export function traceFrom(header: string | null, random: Random): string {
  const span = hex(random.bytes(8));
  const parent = header === null ? null : valid.exec(header);
  return parent === null ? `00-${hex(random.bytes(16))}-${span}-01` : `00-${parent[1]}-${span}-${parent[2]}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
