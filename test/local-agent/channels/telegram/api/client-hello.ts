/** Which key-share groups a TLS client offers, read from its first message (RFC 8446, sections 4.1.2 and 4.2.7). */

export const postQuantumGroup = 0x11ec;
export const x25519Group = 0x001d;

/** `undefined` while the message is not whole. */
export function offeredGroups(bytes: Buffer): number[] | undefined {
  if (bytes.length < 5 || bytes.length < 5 + bytes.readUInt16BE(3)) return undefined;
  // Record header, handshake header, version, random.
  let position = 5 + 4 + 2 + 32;
  position += 1 + bytes.readUInt8(position); // session id
  position += 2 + bytes.readUInt16BE(position); // cipher suites
  position += 1 + bytes.readUInt8(position); // compression methods
  const end = position + 2 + bytes.readUInt16BE(position);
  for (position += 2; position < end; position += 4 + bytes.readUInt16BE(position + 2)) {
    if (bytes.readUInt16BE(position) !== 0x000a) continue;
    const count = bytes.readUInt16BE(position + 4) / 2;
    return Array.from({ length: count }, (_, index) => bytes.readUInt16BE(position + 6 + 2 * index));
  }
  return [];
}
