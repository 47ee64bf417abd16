import { describe, expect, it } from 'vitest';
import { createDatabaseCheck, readHealth } from '../../../local-agent/daemon/health.ts';
import type { House } from '../../../local-agent/daemon/house.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { getSetting } from '../../../local-agent/store/settings.ts';
import { emptyHouse } from './empty-house.ts';

const lastError = { code: 'channel_unauthorized', message: 'Telegram refused the token.', at: 1 };
const channel = (state: 'off' | 'starting' | 'up' | 'down') => ({
  name: 'telegram',
  state,
  mode: 'webhook' as const,
  account: '@bot',
  lastError: state === 'down' ? lastError : null,
});
const ask = (question: 'live' | 'ready', house: Partial<House>, state: 'starting' | 'ready' | 'stopping' = 'ready') =>
  readHealth(question, {
    state,
    database: { status: 'ok' },
    house: state === 'starting' ? undefined : { ...emptyHouse, ...house },
  });

describe('the probes', () => {
  it('are green when nothing that was set up fails', () => {
    for (const question of ['live', 'ready'] as const)
      expect(
        ask(question, { channels: () => [channel('up')], link: () => ({ state: 'up', lastError: null }) }),
      ).toEqual({
        status: 'ok',
        checks: {
          process: { status: 'ok' },
          database: { status: 'ok' },
          link: { status: 'ok' },
          'channel:telegram': { status: 'ok' },
          model: { status: 'off' },
        },
      });
  });

  it('tell a channel that is down from a process that is of no use', () => {
    const house = { channels: () => [channel('down')] };
    expect(ask('ready', house)).toMatchObject({
      status: 'unhealthy',
      checks: { 'channel:telegram': { status: 'failed', message: 'down: channel_unauthorized' } },
    });
    expect(ask('live', house)).toMatchObject({ status: 'ok', checks: { 'channel:telegram': { status: 'failed' } } });
  });

  it('do not turn red for what is only on its way, switched off, or has a stand-in', () => {
    expect(
      ask('ready', {
        channels: () => [channel('starting')],
        link: () => ({ state: 'connecting', lastError: null }),
        model: () => ({
          provider: 'openai',
          model: 'gpt',
          state: 'failing',
          lastError: { ...lastError, code: 'model_unreachable' },
        }),
      }),
    ).toEqual({
      status: 'ok',
      checks: {
        process: { status: 'ok' },
        database: { status: 'ok' },
        'channel:telegram': { status: 'degraded', message: 'starting' },
        link: { status: 'degraded', message: 'connecting' },
        model: { status: 'degraded', message: 'model_unreachable' },
      },
    });
  });

  it('are not ready before the house stands, nor while it is being closed', () => {
    expect(ask('live', {}, 'starting').status).toBe('ok');
    expect(ask('ready', {}, 'starting').status).toBe('unhealthy');
    expect(ask('ready', {}, 'stopping').status).toBe('unhealthy');
  });
});

describe('the check of the database', () => {
  it('writes and reads for real, but not for everybody who asks', () => {
    const { db } = openDatabase({ path: ':memory:' });
    let now = 1000;
    const check = createDatabaseCheck({
      db,
      clock: { now: () => now, sleep: () => Promise.resolve() },
      replaced: false,
    });
    expect(check()).toEqual({ status: 'ok' });
    now += 100;
    expect(check()).toEqual({ status: 'ok' });
    expect(getSetting(db, 'health.checked')).toBe('1000');
    now += 5000;
    check();
    expect(getSetting(db, 'health.checked')).toBe('6100');
  });

  it('sees a database that cannot be written, and one that does not keep what is written', () => {
    const clock = { now: () => 1, sleep: () => Promise.resolve() };
    const readOnly = openDatabase({ path: ':memory:' }).db;
    readOnly.$client.pragma('query_only = on');
    expect(createDatabaseCheck({ db: readOnly, clock, replaced: false })()).toEqual({
      status: 'failed',
      message: 'cannot be written: SQLITE_READONLY',
    });
    const forgetful = openDatabase({ path: ':memory:' }).db;
    forgetful.$client.exec('create trigger forget after insert on setting begin delete from setting; end');
    expect(createDatabaseCheck({ db: forgetful, clock, replaced: false })()).toMatchObject({ status: 'failed' });
  });

  it('says when the database was replaced', () => {
    const { db } = openDatabase({ path: ':memory:' });
    const clock = { now: () => 1, sleep: () => Promise.resolve() };
    expect(createDatabaseCheck({ db, clock, replaced: true })()).toMatchObject({ status: 'degraded' });
  });
});
