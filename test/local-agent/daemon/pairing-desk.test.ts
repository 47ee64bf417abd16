import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameDevice, namePlatform } from '../../../local-agent/daemon/describe-machine.ts';
import { type PairingDesk, createPairingDesk } from '../../../local-agent/daemon/pairing-desk.ts';
import { systemRandom } from '../../../local-agent/daemon/system.ts';
import { startPairing } from '../../../local-agent/edge-link/pairing/pair-device.ts';
import { requestWithin } from '../../../local-agent/edge-link/request.ts';
import { type Db, openDatabase } from '../../../local-agent/store/database.ts';
import { loadDeviceKeys, readEdge } from '../../../local-agent/store/device-keys.ts';
import { endSession, readSession } from '../../../local-agent/store/edge-session.ts';
import { getSetting, setSetting } from '../../../local-agent/store/settings.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { edge as edgeTable } from '../../../local-agent/store/tables/identity.ts';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import { thumbprint } from '../../../shared/wire/signature.ts';
import { eventually } from '../store/eventually.ts';
import { type HurriedClock, createHurriedClock } from '../../support/hurried-clock.ts';
import { type StandIn, startStandIn } from '../../support/oauth/stand-in.ts';
import { createKeptLog } from '../../support/quiet-log.ts';

let edge: StandIn;
let clock: HurriedClock;
let db: Db;
let log: ReturnType<typeof createKeptLog>;
let reloads: number;
let link: {
  state: 'off' | 'connecting' | 'up' | 'down';
  lastError: null | { code: string; message: string; at: number };
};
let desk: PairingDesk;
beforeEach(async () => {
  clock = createHurriedClock();
  edge = await startStandIn(clock.now);
  // Polling would use the hurried time up before the test has decided.
  edge.stand.expiresIn = 1_800;
  db = openDatabase({ path: ':memory:' }).db;
  log = createKeptLog();
  reloads = 0;
  link = { state: 'off', lastError: null };
  desk = open();
});
afterEach(async () => {
  await desk.stop();
  await edge.close();
});

const open = (set: string | null = null) =>
  createPairingDesk({
    settings: { edge: set === null ? null : { origin: set } },
    db,
    clock,
    random: systemRandom,
    log,
    startPairing: (deps) => startPairing({ ...deps, request: requestWithin(2_000) }),
    house: () => ({ link: () => link }),
    reload: () => void (reloads += 1),
  });
const audited = () =>
  db
    .select()
    .from(audit)
    .all()
    .map(({ event, detail }) => [event, detail]);

async function pair(request = {}): Promise<void> {
  await desk.start({ edge: edge.origin, ...request });
  edge.decide('approved');
  await eventually(() => desk.state()).toMatchObject({ state: 'paired' });
}

describe('a device that is paired', () => {
  it('shows code, words, name and platform, and then keeps all of it at once and begins anew', async () => {
    expect(desk.state()).toEqual({ state: 'none' });
    edge.stand.statement = 3;
    const waiting = await desk.start({ edge: edge.origin, name: ' Kitchen\u202e  Pi ' });
    const deviceId = await thumbprint((await loadDeviceKeys(db, 1)).identity);
    expect(waiting).toMatchObject({
      state: 'waiting',
      edge: edge.origin,
      user_code: 'WDJB-MJHB',
      device_name: 'Kitchen Pi',
      platform: namePlatform(),
      words: fingerprintWords(deviceId),
    });
    expect(desk.state()).toEqual(waiting);
    expect(edge.codes[0]?.form).toMatchObject({ device_name: 'Kitchen Pi', dpop_jkt: deviceId });
    expect(reloads).toBe(0);
    edge.decide('approved');
    await eventually(() => desk.state()).toMatchObject({ state: 'paired' });
    expect(desk.state()).toEqual({
      state: 'paired',
      edge: edge.origin,
      device_id: deviceId,
      paired_at: readSession(db, edge.origin)?.pairedAt,
    });
    expect(reloads).toBe(1);
    expect(readEdge(db, edge.origin)).toMatchObject({
      deviceId,
      pinnedKeys: [expect.objectContaining({ kty: 'OKP' })],
      statement: 3,
    });
    expect(readSession(db, edge.origin)).toMatchObject({
      refreshToken: edge.tokens.families[0]?.current,
      tokenEndpoint: `${edge.origin}/token`,
    });
    expect(getSetting(db, 'edge.current')).toBe(edge.origin);
    expect(audited()).toEqual([['edge.paired', { edge: edge.origin, device: deviceId }]]);
  });

  it('by an environment that names its edge keeps the edge that is in force without it, if there is one', async () => {
    desk = open(edge.origin);
    await pair();
    expect(getSetting(db, 'edge.current')).toBe(edge.origin);
    setSetting(db, 'edge.current', 'https://mine.example', clock.now());
    await pair({ again: true });
    expect(getSetting(db, 'edge.current')).toBe('https://mine.example');
  });

  it('is still paired after a restart, and says so without asking', async () => {
    await pair();
    const asked = edge.requests.length;
    desk = open();
    expect(desk.state()).toMatchObject({ state: 'paired', edge: edge.origin });
    link = { state: 'up', lastError: null };
    // The edge of before is meant when none is named.
    expect(await desk.start({})).toMatchObject({ state: 'paired' });
    link = { state: 'connecting', lastError: null };
    expect(await desk.start({ edge: edge.origin })).toMatchObject({ state: 'paired' });
    expect(edge.requests).toHaveLength(asked);
  });

  it('can be paired again: when that is asked for, and when its link does not come up', async () => {
    await pair();
    const first = readSession(db, edge.origin);
    link = { state: 'up', lastError: null };
    clock.jump(1);
    await pair({ again: true });
    expect(readSession(db, edge.origin)?.refreshToken).not.toBe(first?.refreshToken);
    link = { state: 'down', lastError: { code: 'not_paired', message: '', at: 1 } };
    const before = desk.state();
    clock.jump(1);
    const waiting = await desk.start({ edge: edge.origin });
    expect(waiting).toMatchObject({ state: 'waiting' });
    // So that whoever waits for the new one can tell it from the one of before.
    expect('paired_at' in before && 'started_at' in waiting && before.paired_at < (waiting.started_at ?? 0)).toBe(true);
  });

  it('can be paired again without being asked twice when its edge signs with keys that it does not know', async () => {
    await pair();
    link = { state: 'up', lastError: { code: 'edge_unreachable', message: 'long ago', at: 1 } };
    expect(await desk.start({ edge: edge.origin })).toMatchObject({ state: 'paired' });
    link = { state: 'up', lastError: { code: 'bad_job', message: '', at: 1 } };
    expect(await desk.start({ edge: edge.origin })).toMatchObject({ state: 'waiting' });
  });

  it('keeps its old pairing when the new one comes to nothing', async () => {
    await pair();
    const before = readSession(db, edge.origin);
    await desk.start({ again: true });
    edge.decide('denied');
    await eventually(() => desk.state()).toMatchObject({ state: 'failed' });
    expect(readSession(db, edge.origin)).toEqual(before);
    expect(desk.giveUp()).toMatchObject({ state: 'paired' });
  });

  it('is not paired any more once it was revoked', async () => {
    await pair();
    endSession(db, edge.origin, readSession(db, edge.origin)?.pairedAt ?? 0, clock.now());
    expect(desk.state()).toEqual({ state: 'none' });
    link = { state: 'down', lastError: { code: 'revoked', message: '', at: 1 } };
    await pair();
    expect(readSession(db, edge.origin)?.refreshToken).toBe(edge.tokens.families.at(-1)?.current);
  });

  it('writes no token and no code into its log', async () => {
    await pair();
    const family = edge.tokens.families[0];
    const lines = JSON.stringify(log.lines);
    expect(log.lines.map(({ event }) => event)).toEqual(['pairing.waiting', 'edge.paired']);
    for (const secret of [family?.current, family?.access, edge.codes[0]?.deviceCode, edge.codes[0]?.userCode])
      expect(lines).not.toContain(secret ?? 'missing');
  });
});

describe('one pairing at a time', () => {
  it('for one edge is the same for all who ask; for another it is a conflict', async () => {
    const [first, second] = await Promise.all([desk.start({ edge: edge.origin }), desk.start({ edge: edge.origin })]);
    expect(second).toEqual(first);
    expect(await desk.start({ edge: `${edge.origin}/pair`, name: 'other' })).toEqual(first);
    expect(edge.codes).toHaveLength(1);
    await expect(desk.start({ edge: 'https://other.example' })).rejects.toMatchObject({ code: 'conflict' });
    expect(desk.state()).toEqual(first);
  });

  it('is given up when that is asked for, and another may begin', async () => {
    await desk.start({ edge: edge.origin });
    expect(desk.giveUp()).toEqual({ state: 'none' });
    expect(desk.giveUp()).toEqual({ state: 'none' });
    edge.decide('approved');
    await desk.start({ edge: edge.origin });
    expect(edge.codes).toHaveLength(2);
    expect(reloads).toBe(0);
  });

  it('is given up also while the edge has not answered yet', async () => {
    edge.fault('/authorize', 'hang');
    const starting = desk.start({ edge: edge.origin });
    await eventually(() => edge.asked('/authorize')).toHaveLength(1);
    desk.giveUp();
    await expect(starting).rejects.toMatchObject({ code: 'conflict' });
    expect(desk.state()).toEqual({ state: 'none' });
  });

  it('ends with the daemon', async () => {
    await desk.start({ edge: edge.origin });
    edge.fault('/token', 'hang');
    await desk.stop();
    edge.decide('approved');
    expect(desk.state()).toEqual({ state: 'none' });
    expect(readSession(db, edge.origin)).toBeUndefined();
  });

  it('does not begin while the daemon ends: what the owner approves could not be kept', async () => {
    await desk.stop();
    await expect(desk.start({ edge: edge.origin })).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('pryx pair'),
    });
    expect(edge.requests).toEqual([]);
  });
});

describe('a pairing that fails', () => {
  it.each([
    ['denied', 'pairing_denied'],
    ['expired', 'pairing_expired'],
  ] as const)('because it was %s says so until the next one begins', async (decision, code) => {
    await desk.start({ edge: edge.origin });
    edge.decide(decision);
    await eventually(() => desk.state()).toMatchObject({ state: 'failed', edge: edge.origin, error: { code } });
    expect(reloads).toBe(0);
    expect(await desk.start({ edge: edge.origin })).toMatchObject({ state: 'waiting' });
  });

  it('before there is a code tells whoever began it, and whoever asks later', async () => {
    edge.stand.metadata = { issuer: 'https://other.example' };
    await expect(desk.start({ edge: edge.origin })).rejects.toMatchObject({ code: 'edge_unreachable' });
    await eventually(() => desk.state()).toMatchObject({ state: 'failed', error: { code: 'edge_unreachable' } });
  });

  it('because it could not be kept keeps nothing of it', async () => {
    db.$client.exec("create trigger refuse before insert on audit begin select raise(abort, 'no room'); end");
    await desk.start({ edge: edge.origin });
    edge.decide('approved');
    await eventually(() => desk.state()).toMatchObject({ state: 'failed', error: { code: 'internal' } });
    expect([readSession(db, edge.origin), readEdge(db, edge.origin), getSetting(db, 'edge.current')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(db.select().from(edgeTable).all()).toEqual([]);
    expect(reloads).toBe(0);
  });
});

describe('which edge', () => {
  it('must be known, and must be one that nobody can listen to', async () => {
    await expect(desk.start({})).rejects.toMatchObject({
      code: 'bad_request',
      hint: expect.stringContaining('--edge'),
    });
    await expect(desk.start({ edge: 'http://edge.example' })).rejects.toMatchObject({ code: 'bad_request' });
    expect(desk.state()).toEqual({ state: 'none' });
  });

  it('is the one that was set, and no other: it would not be used', async () => {
    desk = open(edge.origin);
    expect(await desk.start({})).toMatchObject({ state: 'waiting', edge: edge.origin });
    desk.giveUp();
    await expect(desk.start({ edge: 'https://other.example' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('PRYX_EDGE_URL'),
    });
  });
});

describe('what the owner is shown of this machine', () => {
  it('is a name that can be read, and the platform', () => {
    expect(nameDevice('Pi', 'host')).toBe('Pi');
    expect(nameDevice('\u0007', 'host\u001b[31m')).toBe('host[31m');
    expect(nameDevice(undefined, '\u0000')).toBe('device');
    expect(nameDevice('x'.repeat(1_000))).toHaveLength(64);
    expect([namePlatform('linux', 'arm64'), namePlatform('darwin', 'arm64'), namePlatform('sunos', 'x64')]).toEqual([
      'Linux arm64',
      'macOS arm64',
      'sunos x64',
    ]);
  });
});
