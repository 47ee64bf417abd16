import { beforeEach, describe, expect, it } from 'vitest';
import { type Db, openDatabase } from '../../../local-agent/store/database.ts';
import { edgeInForce, setCurrentEdge } from '../../../local-agent/store/current-edge.ts';
import { pinEdge } from '../../../local-agent/store/device-keys.ts';
import {
  beginSession,
  dropAccessToken,
  endSession,
  readSession,
  rotateSession,
} from '../../../local-agent/store/edge-session.ts';
import { edge } from '../../../local-agent/store/tables/identity.ts';

const origin = 'https://edge.example';
const first = { refreshToken: 'r1', accessToken: 'a1', accessExpiresAt: 900 };
const second = { refreshToken: 'r2', accessToken: 'a2', accessExpiresAt: 1800 };

let db: Db;
beforeEach(() => {
  db = openDatabase({ path: ':memory:' }).db;
  pinEdge(db, { origin, deviceId: 'device', pinnedKeys: [] }, 1);
  beginSession(db, { origin, tokenEndpoint: `${origin}/token`, ...first }, 1);
});

describe('the tokens of a pairing', () => {
  it('are there after it, and belong to an edge that is pinned', () => {
    expect(readSession(db, origin)).toEqual({
      origin,
      tokenEndpoint: `${origin}/token`,
      ...first,
      pairedAt: 1,
      changedAt: 1,
    });
    expect(readSession(db, 'https://other.example')).toBeUndefined();
    expect(() => beginSession(db, { origin: 'https://other.example', tokenEndpoint: 'x', ...first }, 1)).toThrow(
      expect.objectContaining({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' }),
    );
    db.delete(edge).run();
    expect(readSession(db, origin)).toBeUndefined();
  });

  it('follow one another only from the one that was presented', () => {
    expect(rotateSession(db, origin, 'r1', second, 5)).toBe(true);
    expect(readSession(db, origin)).toMatchObject({ ...second, pairedAt: 1, changedAt: 5 });
    expect(rotateSession(db, origin, 'r1', { ...first, refreshToken: 'late' }, 6)).toBe(false);
    expect(readSession(db, origin)).toMatchObject(second);
  });

  it('lose the access token that was refused, and no other', () => {
    dropAccessToken(db, origin, 'another', 5);
    expect(readSession(db, origin)).toMatchObject(first);
    dropAccessToken(db, origin, 'a1', 5);
    expect(readSession(db, origin)).toMatchObject({ refreshToken: 'r1', accessToken: null, accessExpiresAt: null });
  });

  it('are deleted once when the pairing ends, and not when it was made anew since', () => {
    beginSession(db, { origin, tokenEndpoint: `${origin}/token`, ...second }, 9);
    expect(endSession(db, origin, 1, 10)).toBe(false);
    expect(readSession(db, origin)).toMatchObject(second);
    expect(endSession(db, origin, 9, 11)).toBe(true);
    expect(endSession(db, origin, 9, 12)).toBe(false);
    expect(readSession(db, origin)).toMatchObject({ refreshToken: null, accessToken: null, changedAt: 11 });
    expect(rotateSession(db, origin, 'r2', first, 13)).toBe(false);
  });
});

describe('the edge in force', () => {
  it('is the one that was set, or else the one paired last, or none', () => {
    expect(edgeInForce(db, { edge: null })).toBeNull();
    setCurrentEdge(db, origin, 1);
    setCurrentEdge(db, 'https://second.example', 2);
    expect(edgeInForce(db, { edge: null })).toBe('https://second.example');
    expect(edgeInForce(db, { edge: { origin } })).toBe(origin);
  });
});
