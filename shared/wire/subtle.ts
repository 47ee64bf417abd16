/** The part of Web Crypto that is used here directly. The type libraries of browsers, Node and Workers do not agree on its words. */
export interface Subtle {
  sign(algorithm: 'Ed25519', key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
  generateKey(
    algorithm: 'X25519',
    extractable: false,
    usages: ['deriveBits'],
  ): Promise<{ privateKey: unknown; publicKey: unknown }>;
  deriveBits(algorithm: { name: 'X25519'; public: unknown }, key: unknown, bits: 256): Promise<ArrayBuffer>;
  exportKey(format: 'raw', key: unknown): Promise<ArrayBuffer>;
  importKey(
    format: 'raw',
    bytes: ArrayBuffer,
    algorithm: 'AES-GCM',
    extractable: false,
    usages: ['encrypt'],
  ): Promise<unknown>;
  encrypt(
    algorithm: { name: 'AES-GCM'; iv: Uint8Array; additionalData: Uint8Array },
    key: unknown,
    data: Uint8Array,
  ): Promise<ArrayBuffer>;
  digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer>;
}

export const subtle = crypto.subtle as unknown as Subtle;
