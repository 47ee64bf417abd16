/** The little CBOR (RFC 8949) that a passkey needs, in the order that CTAP2 prescribes: shorter keys first. */

/** The attestation object of Web Authentication, section 6.5.4, format `none`. */
export const encodeAttestation = (authenticatorData: Buffer): Buffer =>
  mapOf([
    [text('fmt'), text('none')],
    [text('attStmt'), mapOf([])],
    [text('authData'), bytes(authenticatorData)],
  ]);

/** A P-256 public key as COSE_Key (RFC 9053, section 7.1.1): kty EC2, alg ES256, crv P-256, x, y. */
export const encodeCoseKey = ({ x, y }: { x: string; y: string }): Buffer =>
  mapOf([
    [integer(1), integer(2)],
    [integer(3), integer(-7)],
    [integer(-1), integer(1)],
    [integer(-2), bytes(Buffer.from(x, 'base64url'))],
    [integer(-3), bytes(Buffer.from(y, 'base64url'))],
  ]);

/** Major types (RFC 8949, section 3.1). */
const unsigned = 0;
const negative = 1;
const byteString = 2;
const textString = 3;
const map = 5;

/** Major type and argument (section 3); nothing here is longer than 65,535. */
function head(major: number, argument: number): Buffer {
  const initial = major << 5;
  if (argument < 24) return Buffer.of(initial | argument);
  if (argument < 256) return Buffer.of(initial | 24, argument);
  return Buffer.of(initial | 25, argument >> 8, argument & 0xff);
}

const mapOf = (entries: [key: Buffer, value: Buffer][]): Buffer =>
  Buffer.concat([head(map, entries.length), ...entries.flat()]);
const integer = (value: number): Buffer => (value < 0 ? head(negative, -1 - value) : head(unsigned, value));
const bytes = (value: Buffer): Buffer => Buffer.concat([head(byteString, value.length), value]);
const text = (value: string): Buffer => Buffer.concat([head(textString, value.length), Buffer.from(value)]);
