/** The tokens of this device at an edge. A refresh token is good once: whoever changes a row says which token it had from it. */
import { and, eq, isNotNull } from 'drizzle-orm';
import type { Db } from './database.ts';
import { type EdgeSessionRow, edgeSession } from './tables/identity.ts';

export interface Tokens {
  refreshToken: string;
  accessToken: string;
  /** Milliseconds since the epoch. */
  accessExpiresAt: number;
}

/** `refreshToken` is null when the device was revoked; there is no row when it was never paired. */
export function readSession(db: Db, origin: string): EdgeSessionRow | undefined {
  return db.select().from(edgeSession).where(eq(edgeSession.origin, origin)).get();
}

/** A new pairing, in the place of one of before. Needs the row of its edge. */
export function beginSession(
  db: Db,
  session: Tokens & Pick<EdgeSessionRow, 'origin' | 'tokenEndpoint'>,
  now: number,
): void {
  const { origin, ...rest } = session;
  const row = { ...rest, pairedAt: now, changedAt: now };
  db.insert(edgeSession)
    .values({ origin, ...row })
    .onConflictDoUpdate({ target: edgeSession.origin, set: row })
    .run();
}

/** What the edge gave for `presented`. False when that is no longer the token of the row: it was paired anew, or revoked, meanwhile. */
export function rotateSession(db: Db, origin: string, presented: string, tokens: Tokens, now: number): boolean {
  const mine = and(eq(edgeSession.origin, origin), eq(edgeSession.refreshToken, presented));
  return (
    db
      .update(edgeSession)
      .set({ ...tokens, changedAt: now })
      .where(mine)
      .run().changes > 0
  );
}

/** The edge does not take this access token. */
export function dropAccessToken(db: Db, origin: string, accessToken: string, now: number): void {
  db.update(edgeSession)
    .set({ accessToken: null, accessExpiresAt: null, changedAt: now })
    .where(and(eq(edgeSession.origin, origin), eq(edgeSession.accessToken, accessToken)))
    .run();
}

/** Deletes the tokens of the pairing that was made at `pairedAt`. False when they were deleted before, or it was paired anew. */
export function endSession(db: Db, origin: string, pairedAt: number, now: number): boolean {
  const mine = and(
    eq(edgeSession.origin, origin),
    eq(edgeSession.pairedAt, pairedAt),
    isNotNull(edgeSession.refreshToken),
  );
  return (
    db
      .update(edgeSession)
      .set({ refreshToken: null, accessToken: null, accessExpiresAt: null, changedAt: now })
      .where(mine)
      .run().changes > 0
  );
}
