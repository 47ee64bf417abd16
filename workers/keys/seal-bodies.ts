/**
 * Seals bodies to one device. One key agreement serves what arrives within seconds, since X25519 costs more than the rest of a webhook
 * together (docs/decisions/005).
 */
import { type Agreement, agree, importSealKey, sealWith } from '../../shared/wire/seal.ts';

export interface BodySealer {
  /** `sealingKey`: JSON of the device's public key. Throws `bad_key`. */
  seal(sealingKey: string, body: Uint8Array): Promise<string>;
}

/** What one key agreement is used for at most. */
export const maxBodies = 64;
export const maxAgeMs = 10_000;

export function createBodySealer({ now }: { now(): number }): BodySealer {
  let current: { agreement: Promise<Agreement>; sealingKey: string; madeAt: number; left: number } | undefined;

  function agreementWith(sealingKey: string): Promise<Agreement> {
    const at = now();
    if (current?.sealingKey !== sealingKey || current.left === 0 || at - current.madeAt > maxAgeMs)
      current = { agreement: newAgreement(sealingKey), sealingKey, madeAt: at, left: maxBodies };
    current.left -= 1;
    return current.agreement;
  }

  return { seal: async (sealingKey, body) => sealWith(await agreementWith(sealingKey), body) };
}

/** For 64 bodies a repetition of a random 96-bit IV is out of the question (NIST SP 800-38D, section 8.3). */
const newAgreement = async (sealingKey: string): Promise<Agreement> =>
  agree(await importSealKey(JSON.parse(sealingKey)));
