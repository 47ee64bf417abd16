import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StandIn, startStandIn } from '../../support/oauth/stand-in.ts';
import { type HurriedClock, createHurriedClock } from '../../support/hurried-clock.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { systemRandom } from '../../../local-agent/daemon/system.ts';
import { createAskToken } from '../../../local-agent/edge-link/ask-token.ts';
import { createEdgeApi } from '../../../local-agent/edge-link/edge-api.ts';
import { createProver } from '../../../local-agent/edge-link/prove.ts';
import { requestWithin } from '../../../local-agent/edge-link/request.ts';
import { createSession } from '../../../local-agent/edge-link/session.ts';
import { type Db, openDatabase } from '../../../local-agent/store/database.ts';
import { pinEdge } from '../../../local-agent/store/device-keys.ts';
import { beginSession, endSession, readSession } from '../../../local-agent/store/edge-session.ts';
import { generateSigningKey, importSignKey, thumbprint } from '../../../shared/wire/signature.ts';

const { d: _, ...edgeKey } = await generateSigningKey();
const identityJwk = await generateSigningKey();
const identity = { jwk: identityJwk, key: await importSignKey(identityJwk) };
const deviceId = await thumbprint(identityJwk);

let edge: StandIn;
let clock: HurriedClock;
let db: Db;
let revocations: [number, string][];
beforeEach(async () => {
  clock = createHurriedClock();
  edge = await startStandIn(clock.now);
  db = openDatabase({ path: ':memory:' }).db;
  revocations = [];
});
afterEach(() => edge.close());

/** As pairing leaves it. */
function pair(): void {
  const given = edge.tokens.begin(deviceId);
  pinEdge(db, { origin: edge.origin, deviceId, pinnedKeys: [edgeKey] }, clock.now());
  beginSession(
    db,
    {
      origin: edge.origin,
      tokenEndpoint: `${edge.origin}/token`,
      refreshToken: String(given['refresh_token']),
      accessToken: String(given['access_token']),
      accessExpiresAt: clock.now() + 900_000,
    },
    clock.now(),
  );
}

/** A daemon that has just begun, over the same database. */
function open() {
  const request = requestWithin(500);
  const prove = createProver({ identity, clock, random: systemRandom });
  const session = createSession({
    origin: edge.origin,
    db,
    clock,
    log: createKeptLog(),
    askToken: createAskToken({ prove, request, clock }),
    onRevoked(pairedAt, seen) {
      revocations.push([pairedAt, seen]);
      endSession(db, edge.origin, pairedAt, clock.now());
    },
  });
  return { session, api: createEdgeApi({ origin: edge.origin, prove, request, clock }) };
}

const refreshes = () => edge.asked('/token').filter(({ form }) => form['grant_type'] === 'refresh_token');
const stored = () => readSession(db, edge.origin);
const family = () => edge.tokens.families.at(-1);
const runDown = () => clock.jump(850_000);

describe('the access of a device', () => {
  it('outlives a restart without a question while the token lives', async () => {
    pair();
    expect((await open().session.current()).accessToken).toBe(family()?.access);
    clock.jump(800_000);
    expect((await open().session.current()).accessToken).toBe(family()?.access);
    expect(edge.requests).toEqual([]);
  });

  it('is renewed with a minute to spare, once however many ask, and is durable before it is used', async () => {
    pair();
    const before = family()?.current;
    runDown();
    const { session } = open();
    const all = await Promise.all([
      session.current(),
      session.current(),
      session.with(async (token) => ({ accessToken: token })),
    ]);
    expect(new Set(all.map(({ accessToken }) => accessToken))).toEqual(new Set([family()?.access]));
    expect(refreshes().filter(({ form }) => form['refresh_token'] !== before)).toEqual([]);
    expect(stored()).toMatchObject({ refreshToken: family()?.current, accessToken: family()?.access });
    expect(family()?.current).not.toBe(before);
    expect((await open().session.current()).accessToken).toBe(family()?.access);
  });

  it('stays as it was while the edge is away, busy, broken or silent', async () => {
    pair();
    runDown();
    const { session } = open();
    const before = stored();
    for (const fault of ['dead', 500, 429, 'huge', 'rubbish', 'redirect', 'hang', 'temporarily_unavailable'] as const) {
      edge.fault('/token', fault);
      await expect(session.current()).rejects.toMatchObject({ code: 'edge_unreachable' });
      expect(stored()).toEqual(before);
    }
    expect((await session.current()).accessToken).toBe(family()?.access);
    expect(revocations).toEqual([]);
  });

  it('survives an answer that was lost after the edge had rotated: the old token is presented again', async () => {
    pair();
    runDown();
    const { session } = open();
    edge.fault('/token', 'use_dpop_nonce', 'lost');
    await expect(session.current()).rejects.toMatchObject({ code: 'edge_unreachable' });
    expect(family()?.current).not.toBe(stored()?.refreshToken);
    await session.current();
    expect(family()).toMatchObject({ alive: true, current: stored()?.refreshToken });
  });

  it('is not replaced by what cannot be one: the old token is presented again', async () => {
    pair();
    runDown();
    const { session } = open();
    const before = stored();
    for (const odd of [{ access_token: 'two\r\nlines' }, { refresh_token: '' }, { token_type: 'Bearer' }]) {
      edge.stand.given = odd;
      await expect(session.current()).rejects.toMatchObject({
        code: 'edge_unreachable',
        message: expect.stringContaining('unknown form'),
      });
      expect(stored()).toEqual(before);
    }
    edge.stand.given = {};
    expect((await session.current()).accessToken).toBe(family()?.access);
    expect(family()).toMatchObject({ alive: true, current: stored()?.refreshToken });
  });

  it('belongs to one device: with the keys of another it is of no use', async () => {
    pair();
    const family = edge.tokens.families.at(-1);
    if (family !== undefined) family.deviceId = 'another';
    runDown();
    await expect(open().session.current()).rejects.toMatchObject({ code: 'revoked' });
  });
});

describe('an edge that does not take a token', () => {
  it('is given another, once', async () => {
    pair();
    const { session, api } = open();
    const family = edge.tokens.families.at(-1);
    if (family !== undefined) family.access = 'another';
    expect(await session.with(api.devices)).toEqual({ devices: [] });
    expect(stored()?.accessToken).toBe(family?.access);
  });

  it('is given another also when it took one that was renewed, and changed its mind later', async () => {
    pair();
    runDown();
    const { session, api } = open();
    for (let time = 0; time < 3; time++) {
      expect(await session.with(api.devices)).toEqual({ devices: [] });
      const family = edge.tokens.families.at(-1);
      if (family !== undefined) family.access = 'another';
    }
  });

  it('is left alone for a quarter of an hour when it does not take that either, also by whatever asks next', async () => {
    pair();
    const { session, api } = open();
    edge.stand.refuse = 'not_paired';
    await expect(session.with(api.devices)).rejects.toMatchObject({
      code: 'not_paired',
      hint: expect.stringContaining('pryx pair'),
    });
    const asked = edge.requests.length;
    for (let time = 0; time < 10; time++)
      await expect(session.with(api.devices)).rejects.toMatchObject({ code: 'not_paired' });
    await expect(session.current()).rejects.toMatchObject({ code: 'not_paired' });
    expect(edge.requests).toHaveLength(asked);
    expect(edge.asked('/devices')).toHaveLength(2);
    // What was wrong with the edge was put right.
    edge.stand.refuse = undefined;
    clock.jump(15 * 60_000);
    expect(await session.with(api.devices)).toEqual({ devices: [] });
    expect(revocations).toEqual([]);
  });

  it('is not given another for a proof that it does not take', async () => {
    pair();
    const { session, api } = open();
    edge.stand.refuse = 'bad_proof';
    await expect(session.with(api.devices)).rejects.toMatchObject({ code: 'bad_proof' });
    expect(refreshes()).toEqual([]);
  });

  it('and a clock that is wrong: that is said, and nothing is lost', async () => {
    pair();
    runDown();
    edge.stand.clockOffMs = 3_600_000;
    const { session } = open();
    await expect(session.current()).rejects.toMatchObject({ code: 'clock_wrong' });
    await expect(session.current()).rejects.toMatchObject({ code: 'clock_wrong' });
    edge.stand.clockOffMs = 0;
    expect((await session.current()).accessToken).toBe(family()?.access);
  });
});

describe('a device that was revoked', () => {
  it('learns it when it renews, and is told so from then on without asking', async () => {
    pair();
    const pairedAt = stored()?.pairedAt;
    runDown();
    edge.tokens.revokeAll();
    const { session } = open();
    await expect(session.current()).rejects.toMatchObject({
      code: 'revoked',
      hint: expect.stringContaining('pryx pair'),
    });
    expect(revocations).toEqual([[pairedAt, 'token']]);
    const asked = edge.requests.length;
    await expect(open().session.current()).rejects.toMatchObject({ code: 'revoked' });
    expect(edge.requests).toHaveLength(asked);
    expect(stored()).toMatchObject({ refreshToken: null, accessToken: null });
  });

  it('learns it from any request', async () => {
    pair();
    const { session, api } = open();
    edge.stand.refuse = 'revoked';
    await expect(session.with(api.devices)).rejects.toMatchObject({ code: 'revoked' });
    expect(revocations).toEqual([[stored()?.pairedAt, 'request']]);
    expect(edge.asked('/devices')).toHaveLength(1);
  });

  it('and paired anew meanwhile keeps what it was given: the late word is of the pairing before', async () => {
    pair();
    runDown();
    const { session } = open();
    const asking = session.current();
    clock.jump(1);
    pair();
    const { refreshToken, accessToken } = stored() ?? {};
    expect((await asking).accessToken).toBe(accessToken);
    expect(stored()).toMatchObject({ refreshToken, accessToken });
    expect(revocations).toEqual([]);
  });

  it('never paired says so, and asks nothing', async () => {
    await expect(open().session.current()).rejects.toMatchObject({ code: 'not_paired' });
    expect(edge.requests).toEqual([]);
  });
});
