/** What the pages may ask about the owner of this edge. Every call that changes something names the session in which it is asked, and is refused here when that is not enough. */
import type { AccountEvent } from './events.ts';
import type { PasskeyView } from './passkeys.ts';
import type { ListedSession, SessionView } from './sessions.ts';
import type { Ceremony } from './verify-passkey.ts';

/** A session that begins: SHA-256 of what the cookie will hold, and which browser it is for. */
export interface NewSession {
  digest: string;
  agent: string;
}

export interface Standing {
  claimed: boolean;
  /** Whether the set-up code that was asked about has claimed this edge once. */
  codeUsed: boolean;
  session: SessionView | null;
}

export interface Overview {
  passkeys: PasskeyView[];
  recoveryCodesLeft: number;
  sessions: ListedSession[];
  /** The newest first. */
  events: AccountEvent[];
}

export interface OwnerCore {
  /** Digests, or null for none. */
  look(asked: { session: string | null; setupCode: string | null }): Standing;
  /**
   * Makes whoever answered the owner, and returns the recovery codes, which are told once. With another set-up code than before, everything
   * that signed the former owner in is void; devices stay. Throws `conflict` when the code was used, `unauthorized`.
   */
  claim(claim: {
    setupCode: string;
    userHandle: string;
    ceremony: Ceremony;
    passkeyName: string;
    session: NewSession;
  }): Promise<string[]>;
  /** `before`: the session that it takes the place of. Throws `unauthorized`. */
  signIn(signIn: { ceremony: Ceremony; session: NewSession; before: string | null }): Promise<void>;
  /** Uses up a recovery code. Throws `unauthorized`. */
  recover(recovery: { code: string; session: NewSession }): Promise<void>;
  /** What the browser is to be told for one more passkey. Throws `unauthorized`, `conflict`. */
  beforePasskey(asked: { session: string }): { userHandle: string; known: { id: string; transports: string[] }[] };
  /** The session goes on as `renewed`, with a passkey that was used just now. Throws `unauthorized`, `conflict`. */
  addPasskey(added: { session: string; renewed: NewSession; ceremony: Ceremony; name: string }): Promise<void>;
  renamePasskey(change: { session: string; id: string; name: string }): void;
  removePasskey(change: { session: string; id: string }): void;
  /** In place of the old ones; told once. */
  renewRecoveryCodes(asked: { session: string }): Promise<string[]>;
  signOut(asked: { session: string }): void;
  signOutEverywhere(asked: { session: string }): void;
  /** Counts one entry of a user code, before it is looked up. Returns what `codeFound` takes back. Throws `rate_limited`. */
  enterCode(asked: { session: string }): number;
  /** Somebody was waiting with that code: the entry was no guess. */
  codeFound(entry: number): void;
  overview(asked: { session: string }): Overview;
}
