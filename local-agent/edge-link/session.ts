/**
 * The access token of this device at its edge: kept in the database while it lives, renewed by the refresh token before it ends. A refresh
 * token is good once, so its successor is durable before anything uses what came with it (decision 051).
 */
import { PryxError, codeOf } from '../../shared/error.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Db } from '../store/database.ts';
import { dropAccessToken, readSession, rotateSession } from '../store/edge-session.ts';
import type { EdgeSessionRow } from '../store/tables/identity.ts';
import { unknownForm } from './ask-edge.ts';
import type { AskToken } from './ask-token.ts';

/** How it became known that a device was revoked. */
export type RevocationSeen = 'link' | 'request' | 'token';

export interface SessionDeps {
  origin: string;
  db: Db;
  clock: Clock;
  log: Log;
  askToken: AskToken;
  /** The pairing made at `pairedAt` is over: its tokens are to be deleted before this returns. Does not throw. */
  onRevoked(pairedAt: number, seen: RevocationSeen): void;
}

export interface Access {
  accessToken: string;
  /** Of which pairing. */
  pairedAt: number;
}

/** A token is renewed while it still has this long to live. */
const renewalMs = 60_000;
/** How long an edge is left alone that renews our tokens and then does not take them. */
const restMs = 15 * 60_000;

export type EdgeSession = ReturnType<typeof createSession>;

export function createSession({ origin, db, clock, log, askToken, onRevoked }: SessionDeps) {
  let asking: Promise<Access> | undefined;
  /** A token that was renewed, and that the edge has not taken yet. */
  let untried: string | undefined;
  let restUntil = 0;

  function read(): EdgeSessionRow & { refreshToken: string } {
    const row = readSession(db, origin);
    if (row === undefined) throw notPaired(origin);
    if (row.refreshToken === null) throw revoked(origin);
    return { ...row, refreshToken: row.refreshToken };
  }

  async function find(): Promise<Access> {
    const { accessToken, accessExpiresAt, pairedAt } = read();
    if (accessToken !== null && clock.now() < (accessExpiresAt ?? 0) - renewalMs) return { accessToken, pairedAt };
    if (clock.now() < restUntil) throw notTaken(origin);
    return renew();
  }

  /** What was never answered is asked again with the same token: the edge forgives that as long as its successor was not used. */
  async function renew(): Promise<Access> {
    const { refreshToken, tokenEndpoint, pairedAt } = read();
    const answer = await askToken(tokenEndpoint, { grant_type: 'refresh_token', refresh_token: refreshToken });
    if (answer.ok) {
      // Paired anew, or revoked, while we asked: then those tokens count.
      if (!rotateSession(db, origin, refreshToken, answer.tokens, clock.now())) return find();
      log.debug('edge.token_renewed');
      untried = answer.tokens.accessToken;
      return { accessToken: untried, pairedAt };
    }
    if (answer.error === 'invalid_grant') {
      if (readSession(db, origin)?.refreshToken !== refreshToken) return find();
      onRevoked(pairedAt, 'token');
      throw revoked(origin);
    }
    if (answer.status === 200) throw unknownForm();
    throw new PryxError(
      'edge_unreachable',
      `The edge did not renew the access of this device (${answer.error ?? answer.status}).`,
      { hint: 'It is tried again by itself.' },
    );
  }

  /**
   * Asks the edge only when the token is missing or about to expire, and once however many ask: two would present one refresh token twice.
   * Throws `not_paired`, `revoked`, `edge_unreachable`, `clock_wrong`.
   */
  function current(): Promise<Access> {
    asking ??= find().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  /** Another token is to be asked for before the next request. On a full disk it stays, and is refused once more: no reason to fall over. */
  function drop(accessToken: string): void {
    try {
      dropAccessToken(db, origin, accessToken, clock.now());
    } catch (error) {
      log.error('edge.token_not_dropped', error);
    }
  }

  /** The edge does not take this token. Another is asked for once; when that is not taken either, the edge is left alone for a while. */
  function refused(accessToken: string): void {
    drop(accessToken);
    if (accessToken !== untried) return;
    untried = undefined;
    restUntil = clock.now() + restMs;
  }

  /** The edge took this token. */
  function taken(accessToken: string): void {
    if (accessToken === untried) untried = undefined;
  }

  async function attempt<Result>(
    { accessToken, pairedAt }: Access,
    work: (accessToken: string) => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await work(accessToken);
      taken(accessToken);
      return result;
    } catch (error) {
      if (codeOf(error) === 'not_paired') refused(accessToken);
      if (codeOf(error) === 'revoked') onRevoked(pairedAt, 'request');
      throw error;
    }
  }

  return {
    current,
    drop,
    refused,
    taken,
    revoked: (pairedAt: number): void => onRevoked(pairedAt, 'request'),
    /** Does `work` with a token, and once more with another when the edge does not take the first. */
    async with<Result>(work: (accessToken: string) => Promise<Result>): Promise<Result> {
      try {
        return await attempt(await current(), work);
      } catch (error) {
        if (codeOf(error) !== 'not_paired') throw error;
        return attempt(await current(), work);
      }
    },
  };
}

export const notPaired = (origin: string): PryxError =>
  new PryxError('not_paired', `This device is not paired with ${origin}.`, { hint: 'Pair it with `pryx pair`.' });

const notTaken = (origin: string): PryxError =>
  new PryxError('not_paired', `The edge at ${origin} does not know this device any more.`, {
    hint: 'Pair it again with `pryx pair`.',
  });

export const revoked = (origin: string): PryxError =>
  new PryxError('revoked', `This device was revoked at ${origin}: messages do not reach it any more.`, {
    hint: 'Pair it again with `pryx pair`, if you want it back.',
  });
