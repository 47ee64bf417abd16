/** A visit by somebody who need not be known: the challenge that a passkey is to answer, kept by the visitor under a mark of ours, so that strangers make us store nothing. */
import { base64url } from 'jose';
import type { Random } from '../../durable/ports.ts';
import { equalBytes } from '../../guard/equal-bytes.ts';
import type { Keyring } from '../../keys/keyring.ts';
import { challengeMs } from '../account/spent-challenges.ts';

/** What the challenge is for: an answer to one is none to another. */
export type Purpose = 'claim-code' | 'claim' | 'sign-in' | 'recover' | 'add-passkey';

export interface Visit {
  purpose: Purpose;
  /** 32 random bytes, base64url. */
  challenge: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** Whom the challenge is for, in words of base64url: it is part of what is marked. */
  about: readonly string[];
}

export interface Visits {
  begin(purpose: Purpose, about?: readonly string[]): Visit;
  /** As a cookie holds it. */
  seal(visit: Visit): Promise<string>;
  /** `undefined` when it is none of ours, for another purpose, or past its time. */
  open(sealed: string | undefined, purpose: Purpose): Promise<Visit | undefined>;
}

export function createVisits(deps: { keyring: Keyring; random: Random; now: number }): Visits {
  const { keyring, random, now } = deps;
  const markOf = (text: string): Promise<Uint8Array> => keyring.mark('visit', new TextEncoder().encode(text));
  return {
    begin: (purpose, about = []) => ({
      purpose,
      challenge: base64url.encode(random.bytes(32)),
      expiresAt: now + challengeMs,
      about,
    }),
    async seal({ purpose, challenge, expiresAt, about }) {
      const text = [purpose, challenge, expiresAt, ...about].join('.');
      return `${text}.${base64url.encode(await markOf(text))}`;
    },
    async open(sealed, purpose) {
      if (sealed === undefined) return undefined;
      const end = sealed.lastIndexOf('.');
      const text = sealed.slice(0, Math.max(0, end));
      if (!equalBytes(decode(sealed.slice(end + 1)), await markOf(text))) return undefined;
      const [itsPurpose, challenge = '', expires, ...about] = text.split('.');
      const expiresAt = Number(expires);
      return itsPurpose === purpose && expiresAt > now ? { purpose, challenge, expiresAt, about } : undefined;
    },
  };
}

function decode(text: string): Uint8Array {
  try {
    return base64url.decode(text);
  } catch {
    return new Uint8Array();
  }
}
