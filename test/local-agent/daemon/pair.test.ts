import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PairingState, pairingState } from '../../../shared/api/pairing.ts';
import { type StatusResponse, statusResponse } from '../../../shared/api/status.ts';
import { migrateTo } from '../../../local-agent/store/migrate.ts';
import { readMigrations } from '../../../local-agent/store/migrations.ts';
import { migrationsFolder } from '../../../local-agent/store/package-root.ts';
import { type StandIn, startStandIn } from '../../support/oauth/stand-in.ts';
import { createTelegramServer } from '../../support/telegram/server.ts';
import { eventually } from '../store/eventually.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { askSocket } from './ask-socket.ts';
import { bundle } from './bundle.ts';
import { type Program, startProgram } from './start-program.ts';

const program = await bundle(join(import.meta.dirname, 'whole-daemon.ts'));

let edge: StandIn;
let home: string;
let daemon: Program;
beforeEach(async () => {
  edge = await startStandIn();
  home = temporaryFolder();
});
afterEach(() => edge.close());

/** With `PRYX_TEST_CRASH` it dies as test/support/crash-at-write.ts says. */
const crashAtWrite = new URL('../../support/crash-at-write.ts', import.meta.url).href;

async function start(env: Record<string, string> = {}): Promise<void> {
  daemon = startProgram(['--import', crashAtWrite, program], {
    PRYX_HOME: home,
    PRYX_PORT: '0',
    PRYX_LOCAL_MODELS: 'off',
    TELEGRAM_BOT_TOKEN: '',
    PRYX_EDGE_URL: '',
    ...env,
  });
  await daemon.next();
}
async function stop(): Promise<void> {
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended).toMatchObject({ code: 0, stderr: '' });
}
const ask = (path: string, method?: string, body?: unknown) =>
  askSocket(join(home, 'run/pryx.sock'), path, method, body);
const status = async (): Promise<StatusResponse> => statusResponse.parse((await ask('/status')).body);
const link = async () => (await status()).link;
const pairing = async (): Promise<PairingState> => pairingState.parse((await ask('/pairing')).body);
const linkComes = (state: unknown) => eventually(link).toMatchObject(state as object);

async function pair(at: StandIn, request: object = {}): Promise<void> {
  expect(await ask('/pairing', 'POST', { edge: at.origin, ...request })).toMatchObject({
    status: 202,
    body: { state: 'waiting' },
  });
  at.decide('approved');
  await eventually(pairing).toMatchObject({ state: 'paired', edge: at.origin });
  await linkComes({ state: 'up', edge: at.origin });
}
const audited = (): string[] => {
  const db = new Sqlite(join(home, 'pryx.db'), { readonly: true });
  try {
    return db.prepare<[], string>('select event from audit order by id').pluck().all();
  } finally {
    db.close();
  }
};

describe('a daemon that is not paired', () => {
  it('says so, with what to do, and does not call the edge that was set', async () => {
    await start({ PRYX_EDGE_URL: edge.origin });
    expect(await link()).toMatchObject({
      state: 'down',
      edge: edge.origin,
      lastError: { code: 'not_paired', hint: expect.stringContaining('pryx pair') },
    });
    expect(await ask('/devices')).toMatchObject({ status: 401, body: { error: { code: 'not_paired' } } });
    await stop();
    expect(edge.requests).toEqual([]);
  });

  it('and has no edge has no link either, and tells how to get one', async () => {
    await start();
    expect(await link()).toMatchObject({ state: 'off', edge: null, deviceId: null });
    expect(await ask('/pairing', 'POST', {})).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
    expect(await ask('/devices')).toMatchObject({ status: 401, body: { error: { code: 'not_paired' } } });
    await stop();
  });
});

describe('a home as the version before left it, which knew no tokens', () => {
  it('is not paired, says what to do, and goes on where it was once it is paired', async () => {
    await start();
    await pair(edge);
    await stop();
    const db = new Sqlite(join(home, 'pryx.db'));
    db.prepare('update edge set have = 57').run();
    migrateTo(db, readMigrations(migrationsFolder()), 1, 1);
    db.prepare("delete from setting where name = 'edge.current'").run();
    const asked = edge.requests.length;
    await start({ PRYX_EDGE_URL: edge.origin, PRYX_DEVELOPMENT_TOKEN: 'of before' });
    await linkComes({ state: 'down', lastError: { code: 'not_paired', hint: expect.stringContaining('pryx pair') } });
    expect(edge.requests).toHaveLength(asked);
    await pair(edge);
    expect(db.prepare('select have, statement from edge').all()).toEqual([{ have: 57, statement: 0 }]);
    await stop();
    // Without the variable it is this edge as well from now on.
    await start();
    await linkComes({ state: 'up', edge: edge.origin });
    await stop();
    db.close();
  });
});

describe('a daemon that is being paired', () => {
  it('has a link a moment later, in the same process on the same port, and after a restart without a new token', async () => {
    await start();
    const before = await status();
    await pair(edge);
    const after = await status();
    expect([after.daemon.pid, after.daemon.port, after.daemon.state]).toEqual([
      before.daemon.pid,
      before.daemon.port,
      'ready',
    ]);
    expect(after.link.deviceId).toBe(edge.codes[0]?.deviceId);
    expect(await ask('/devices')).toMatchObject({ status: 200, body: { devices: [] } });
    expect(await ask(`/devices/${'A'.repeat(43)}`, 'DELETE')).toMatchObject({ status: 404 });
    expect(await ask('/pairing', 'POST', { edge: edge.origin })).toMatchObject({ body: { state: 'paired' } });
    const renewed = edge.asked('/token').length;
    await stop();
    await start();
    await linkComes({ state: 'up', edge: edge.origin });
    expect(await pairing()).toMatchObject({ state: 'paired' });
    expect(edge.asked('/token')).toHaveLength(renewed);
    expect(edge.links()).toHaveLength(1);
    await stop();
    expect(audited()).toEqual(['edge.paired']);
  });

  it('ends in time, though nobody decides and the edge does not answer', async () => {
    await start();
    await ask('/pairing', 'POST', { edge: edge.origin });
    edge.fault('/token', 'hang');
    await eventually(() => edge.asked('/token')).toHaveLength(1);
    await stop();
  });

  it('moves to another edge with its channels, and keeps nothing open at the first', async () => {
    const telegram = await createTelegramServer();
    const other = await startStandIn();
    try {
      await start({
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_API_ROOT: telegram.origin,
        TELEGRAM_OWNER_ID: '42',
      });
      const registered = () => telegram.calls({ method: 'setWebhook' }).map(({ params }) => String(params.url));
      await pair(edge);
      await eventually(registered).toEqual([`${edge.origin}/telegram/hook`]);
      await pair(other);
      await eventually(registered).toEqual([`${edge.origin}/telegram/hook`, `${other.origin}/telegram/hook`]);
      expect(edge.links()).toHaveLength(0);
      expect(other.links()).toHaveLength(1);
      await stop();
      expect(audited().filter((event) => event === 'edge.paired')).toHaveLength(2);
    } finally {
      await other.close();
      await telegram.close();
    }
  });

  it('writes no token and no code to its log', async () => {
    await start();
    await pair(edge);
    await stop();
    const log = readFileSync(join(home, 'logs/pryx.log'), 'utf8');
    expect(log).toContain('edge.paired');
    const family = edge.tokens.families[0];
    for (const secret of [family?.current, family?.access, edge.codes[0]?.deviceCode, edge.codes[0]?.userCode])
      expect(log).not.toContain(secret ?? 'missing');
  });
});

describe('a daemon that is killed after the edge has renewed its token', () => {
  it.each(['before', 'after'])('and %s it kept the new one goes on with what it has', async (when) => {
    await start();
    await pair(edge);
    await stop();
    const db = new Sqlite(join(home, 'pryx.db'));
    const stored = () => db.prepare<[], string>('select refresh_token from edge_session').pluck().get();
    db.prepare('update edge_session set access_expires_at = 0').run();
    const family = edge.tokens.families[0];
    const first = family?.current;
    const { promise, resolve: answer } = Promise.withResolvers<void>();
    edge.stand.tokenAnswers = promise;
    await start({ PRYX_TEST_CRASH: `${when}:1` });
    daemon.child.kill('SIGUSR2');
    await eventually(() => edge.asked('/token').length).toBeGreaterThan(1);
    answer();
    expect(await daemon.ended).toMatchObject({ signal: 'SIGKILL' });
    // The edge had given it another one; whether it was kept is the question.
    expect(family?.current).not.toBe(first);
    expect(stored()).toBe(when === 'before' ? first : family?.current);
    await start();
    await linkComes({ state: 'up' });
    expect(family).toMatchObject({ alive: true, current: stored() });
    await stop();
    db.close();
  });
});

describe('a daemon whose device is revoked', () => {
  const shown = {
    state: 'down',
    edge: expect.any(String),
    lastError: { code: 'revoked', hint: expect.stringContaining('pryx pair') },
  };

  it('says so at once, deletes its tokens, does not call again, also after a restart, until it is paired again', async () => {
    await start();
    await pair(edge);
    edge.revoke();
    await linkComes(shown);
    expect(await pairing()).toEqual({ state: 'none' });
    const db = new Sqlite(join(home, 'pryx.db'), { readonly: true });
    expect(db.prepare('select refresh_token, access_token from edge_session').all()).toEqual([
      { refresh_token: null, access_token: null },
    ]);
    db.close();
    const asked = edge.requests.length;
    await stop();
    await start();
    expect(await link()).toMatchObject(shown);
    expect(await ask('/devices')).toMatchObject({ status: 401, body: { error: { code: 'revoked' } } });
    expect(edge.requests).toHaveLength(asked);
    await pair(edge);
    await stop();
    expect(audited()).toEqual(['edge.paired', 'edge.revoked', 'edge.paired']);
  });

  it('learns it when it connects, and when the edge no longer renews its token', async () => {
    await start();
    await pair(edge);
    await stop();
    edge.stand.refuse = 'revoked';
    await start();
    await linkComes(shown);
    edge.stand.refuse = undefined;
    await pair(edge);
    await stop();
    edge.tokens.revokeAll();
    await start();
    await linkComes(shown);
    await stop();
    expect(audited()).toEqual(['edge.paired', 'edge.revoked', 'edge.paired', 'edge.revoked']);
  });

  it.each([
    ['on its link', 'revoked', (): void => edge.revoke()],
    ['when it calls', 'revoked', (): void => edge.hangUp('revoked')],
    ['when it calls', 'not_paired', (): void => edge.hangUp('not_paired')],
  ])(
    'serves on while the disk takes nothing, and finds out again later: told %s that it is %s',
    async (_, code, tell) => {
      await start();
      await pair(edge);
      const db = new Sqlite(join(home, 'pryx.db'));
      db.exec("create trigger full before update on edge_session begin select raise(abort, 'disk full'); end");
      tell();
      await linkComes({ state: 'down', lastError: { hint: expect.stringMatching(/pair it again/i) } });
      expect((await status()).daemon.pid).toBe(daemon.child.pid);
      db.exec('drop trigger full');
      db.close();
      await stop();
      await start();
      await linkComes({ state: 'down', lastError: { code } });
      await stop();
    },
  );

  it('is another thing than one whom the edge does not know: that one asks for a token once, and then rests', async () => {
    await start();
    await pair(edge);
    await stop();
    edge.stand.refuse = 'not_paired';
    const [links, tokens] = [edge.asked('/link').length, edge.asked('/token').length];
    await start();
    await linkComes({ state: 'down', lastError: { code: 'not_paired', hint: expect.stringContaining('pryx pair') } });
    expect(edge.asked('/link').length - links).toBe(2);
    // The first of them brings the nonce.
    expect(edge.asked('/token').length - tokens).toBeLessThanOrEqual(2);
    await stop();
    expect(audited()).toEqual(['edge.paired']);
  });
});
