import { describe, expect, it } from 'vitest';
import { PryxError } from '../../../shared/error.ts';
import { readSettings } from '../../../local-agent/core/settings.ts';
import type { LogFields } from '../../../local-agent/core/log.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { memory } from '../../../local-agent/store/tables/memory.ts';
import { createLog } from '../../../local-agent/telemetry/log.ts';

function listen(level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const written: string[] = [];
  const echoed: string[] = [];
  let lost = 0;
  const log = createLog({
    clock: { now: () => Date.UTC(2026, 10, 20, 17, 18, 9, 7) },
    level,
    file: { write: (line) => void written.push(line), takeLost: () => lost + (lost = 0) },
    echo: (line) => void echoed.push(line),
  });
  return {
    log,
    written,
    echoed,
    lose: (count: number) => (lost = count),
    read: () => written.map((line) => JSON.parse(line) as unknown),
  };
}

describe('a line of the log', () => {
  it('says when, how grave, what, and the rest', () => {
    const { log, written, echoed, read } = listen();
    log.info('link.up', { edge: 'https://edge.example', attempt: 3, first: false, mode: null, extra: undefined });
    expect(written[0]).toMatch(/^\{"time":"2026-11-20T17:18:09\.007Z","severity":"INFO","event":"link\.up"/);
    expect(read()).toEqual([
      {
        time: '2026-11-20T17:18:09.007Z',
        severity: 'INFO',
        event: 'link.up',
        edge: 'https://edge.example',
        attempt: 3,
        first: false,
        mode: null,
      },
    ]);
    expect(echoed).toEqual(written);
  });

  it('is left out below the level that was asked for', () => {
    for (const [level, kept] of [
      ['debug', ['DEBUG', 'INFO', 'WARN', 'ERROR']],
      ['info', ['INFO', 'WARN', 'ERROR']],
      ['warn', ['WARN', 'ERROR']],
      ['error', ['ERROR']],
    ] as const) {
      const { log, read } = listen(level);
      log.debug('a');
      log.info('a');
      log.warn('a');
      log.error('a', new PryxError('internal', 'x'));
      expect(read()).toMatchObject(kept.map((severity) => ({ severity })));
    }
  });

  it('keeps its time, severity and event whatever a field is called', () => {
    const { log, read } = listen();
    log.warn('channel.down', { severity: 'INFO', event: 'fine', time: 'never' });
    expect(read()).toEqual([{ time: '2026-11-20T17:18:09.007Z', severity: 'WARN', event: 'channel.down' }]);
  });

  it('tells before it goes on that lines were lost', () => {
    const { log, lose, read } = listen();
    lose(12);
    log.info('next');
    expect(read()).toMatchObject([{ severity: 'WARN', event: 'log.lines_lost', lines: 12 }, { event: 'next' }]);
  });
});

describe('a secret', () => {
  it('prints as [secret], wherever it was put', () => {
    const { log, written } = listen();
    const settings = readSettings({ TELEGRAM_BOT_TOKEN: '123456:abcdefghijklmnopqrstuvwxyz', PRYX_HOME: '/h' });
    const token = settings.telegram?.botToken;
    log.info('telegram.started', {
      token,
      note: `with ${String(token)}`,
      nested: settings.telegram,
    } as unknown as LogFields);
    expect(written[0]).not.toContain('abcdefghij');
    expect(written[0]).toContain('"token":"[secret]"');
  });
});

describe('an error in the log', () => {
  it('that was foreseen is a code, a cause and a next step, without a stack', () => {
    const { log, read } = listen();
    log.error('http.failed', new PryxError('port_in_use', 'Port 7717 is taken.', { hint: 'Set PRYX_PORT.' }), {
      port: 7717,
    });
    expect(read()).toMatchObject([
      {
        severity: 'ERROR',
        event: 'http.failed',
        port: 7717,
        error: { code: 'port_in_use', message: 'Port 7717 is taken.', hint: 'Set PRYX_PORT.' },
      },
    ]);
    expect(JSON.stringify(read())).not.toContain('stack');
  });

  it('that was not foreseen says where it was thrown, and never what was said', () => {
    const { log, written, read } = listen();
    const said = 'my diagnosis is\n    at the hospital';
    for (const fail of [
      () => JSON.parse(said) as unknown,
      () => new URL(said),
      () => {
        throw new Error(`cannot handle ${said}`);
      },
      () => {
        throw Object.assign(new TypeError(said), { code: 'ERR_WHATEVER' });
      },
      () => {
        const text: unknown = said;
        throw text;
      },
    ]) {
      try {
        fail();
      } catch (error) {
        log.error('turn.failed', error);
      }
    }
    expect(written).toHaveLength(5);
    expect(written.join('\n')).not.toMatch(/diagnosis|hospital/);
    expect(read()).toMatchObject([
      {
        error: {
          code: 'internal',
          causes: ['SyntaxError'],
          stack: expect.arrayContaining([expect.stringContaining('log.test.ts')]),
        },
      },
      { error: { causes: ['TypeError ERR_INVALID_URL'] } },
      { error: { causes: ['Error'] } },
      { error: { causes: ['TypeError ERR_WHATEVER'] } },
      { error: { causes: ['thrown string'] } },
    ]);
  });

  it('of the database names the table, and not the row', () => {
    const { log, written, read } = listen();
    const { db } = openDatabase({ path: ':memory:' });
    const row = { id: 1, text: 'the code of the safe is 1234', createdAt: 1 };
    db.insert(memory).values(row).run();
    try {
      db.insert(memory).values(row).run();
    } catch (error) {
      log.error('memory.failed', error);
    }
    expect(written.join()).not.toContain('1234');
    expect(JSON.stringify(read())).toContain('SQLITE_CONSTRAINT_PRIMARYKEY: UNIQUE constraint failed: memory.id');
  });
});
