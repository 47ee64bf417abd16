/** The daemon killed where a pairing or a token could be lost, with the real edge at the other end (decision 051). */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPairing, startPairing } from '../../../local-agent/cli/ask-pairing.ts';
import { type Line, createLine, pairDevice, until } from '../../support/line.ts';
import { type ModelServer, startModelServer } from '../../support/model/model-server.ts';

let line: Line;
let model: ModelServer;
beforeEach(async () => {
  model = await startModelServer();
  line = await createLine({ env: { PRYX_MODEL_BASE_URL: model.baseUrl, PRYX_MODEL: 'test-model' } });
  await line.startEdge();
});
afterEach(async () => {
  await line.close();
  await model.close();
});

const audited = () => line.rows("select event from audit where event like 'edge.%' order by id");
const paired = { event: 'edge.paired' };

/** As if fourteen minutes had passed. */
function ageToken(): void {
  const db = new Sqlite(join(line.home.folder, 'pryx.db'));
  db.prepare('update edge_session set access_expires_at = 0').run();
  db.close();
}

/** The owner approves, the daemon dies at what it writes then (test/support/crash-at-write.ts), and another one is started. */
async function dieAtApproval(crash: string): Promise<void> {
  await line.startDaemon({ crash, pair: false });
  const pairing = await startPairing(line.home, {});
  if (pairing.state !== 'waiting') throw new Error('not waiting');
  line.daemon()?.kill('SIGUSR2');
  await line.owner().approve({ userCode: pairing.user_code });
  await line.daemonGone();
  await line.startDaemon({ pair: false });
}

describe('a daemon killed while it is paired', () => {
  it('before it kept the tokens that came is not paired, and is paired at the next try', async () => {
    await dieAtApproval('before:1');
    expect(await readPairing(line.home)).toEqual({ state: 'none' });
    expect((await line.status()).link).toMatchObject({ state: 'down', lastError: { code: 'not_paired' } });
    expect(line.rows('select (select count(*) from edge) + (select count(*) from edge_session) as kept')).toEqual([
      { kept: 0 },
    ]);
    await pairDevice(line.home, line.owner());
    await line.connected();
    expect(audited()).toEqual([paired]);
  });

  it('right after it kept them is paired, with nothing left to do', async () => {
    await dieAtApproval('after:1');
    await line.connected();
    expect(await readPairing(line.home)).toMatchObject({ state: 'paired' });
    expect(audited()).toEqual([paired]);
  });
});

describe('a daemon killed while it renews its token', () => {
  it.each(['before:1', 'after:1'])('%s the answer of the edge is kept: it comes back by itself', async (crash) => {
    // Then the first thing that it writes is the token.
    line.env.TELEGRAM_BOT_TOKEN = '';
    await line.startDaemon();
    await line.connected();
    await line.killDaemon('SIGTERM');
    const before = line.rows('select refresh_token from edge_session');
    ageToken();
    line.proxy.hold('down');
    await line.startDaemon({ crash, pair: false });
    line.daemon()?.kill('SIGUSR2');
    line.proxy.release();
    await line.daemonGone();
    const kept = line.rows('select refresh_token from edge_session');
    if (crash === 'before:1') expect(kept).toEqual(before);
    else expect(kept).not.toEqual(before);
    await line.startDaemon({ pair: false });
    await line.connected();
    expect(line.rows('select refresh_token from edge_session')).not.toEqual(before);
    expect(audited()).toEqual([paired]);
  });
});

describe('a device that is paired again in the middle of a turn', () => {
  it('answers it once: what was under way is taken up by the house that comes after', async () => {
    await line.startDaemon();
    await line.connected();
    model.answer = (request) => `You said: ${request.messages.at(-1)?.content ?? ''}`;
    const held = model.hold({ before: 'You', after: ' never see this' });
    line.telegram.say(line.user, 'slow');
    await held.arrived;
    const pid = line.daemon()?.pid;
    await pairDevice(line.home, line.owner(), { again: true });
    held.release();
    await line.telegram.waitForMessage(line.user, ({ text }) => text === 'You said: slow');
    await line.connected();
    await line.idle();
    expect(line.answers().map(({ text }) => text)).toEqual(['You said: slow']);
    expect((await line.status()).daemon).toMatchObject({ pid, state: 'ready' });
    line.telegram.say(line.user, 'next');
    await line.telegram.waitForMessage(line.user, ({ text }) => text === 'You said: next');
    expect(audited()).toEqual([paired, paired]);
  });
});

describe('a device that its owner revokes', () => {
  it('is shut out at once, and let in again when it is paired again', async () => {
    await line.startDaemon();
    const { link } = await line.connected();
    await line.owner().revoke(link.deviceId ?? '');
    await until(async () => (await line.status()).link.lastError?.code === 'revoked');
    expect(line.rows('select refresh_token from edge_session')).toEqual([{ refresh_token: null }]);
    await pairDevice(line.home, line.owner());
    await line.connected();
    line.telegram.say(line.user, 'back');
    await line.telegram.waitForMessage(line.user, ({ text }) => text !== '…');
    expect(audited()).toEqual([paired, { event: 'edge.revoked' }, paired]);
  });
});
