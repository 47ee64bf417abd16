/** The fingerprint of a device in words: read on the terminal, compared on the phone. */
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { base64url } from 'jose';

const wordCount = 4;
const bitsInWord = 11;

/**
 * The first 44 bits of the device id, which is the RFC 7638 thumbprint (SHA-256) of its identity key, as four words of the English list of BIP 39.
 * Another key with the same words takes 2^44 tries.
 */
export function fingerprintWords(deviceId: string): string[] {
  const bits = base64url.decode(deviceId).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  return Array.from({ length: wordCount }, (_, index) => {
    const word = (bits >> BigInt(256 - bitsInWord * (index + 1))) & ((1n << BigInt(bitsInWord)) - 1n);
    return wordlist[Number(word)] ?? '';
  });
}
