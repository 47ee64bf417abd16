import { describe, expect, it } from 'vitest';
import type { StatusResponse } from '../../../../shared/api/status.ts';
import { isUnhealthy, showStatus } from '../../../../local-agent/cli/terminal/show-status.ts';

const now = 1_000_000_000;
const plain = (_style: unknown, text: string) => text;
const base: StatusResponse = {
  version: '1.2.3',
  daemon: {
    pid: 42,
    state: 'ready',
    startedAt: now - 3_725_000,
    rssBytes: 84_000_000,
    home: '/home/ada/.pryx',
    port: 7717,
  },
  database: { state: 'ok', version: 1, bytes: 155_728, setAside: null },
  link: { state: 'up', edge: 'https://edge.example', deviceId: 'd', lastError: null, mailbox: null },
  channels: [{ name: 'telegram', state: 'up', mode: 'webhook', account: '@ada_bot', lastError: null }],
  model: { provider: 'openai', model: 'gpt', state: 'ok', lastError: null },
  queue: { inbox: 0, turns: 0, outbox: 0, inDoubt: 0, failed: 0 },
};
const lastError = {
  code: 'channel_unauthorized',
  message: 'Telegram refused the token.',
  hint: 'Check TELEGRAM_BOT_TOKEN.',
  at: now - 61_000,
};

describe('the status for people', () => {
  it('is one line a part when all is well', () => {
    expect(showStatus(base, now, plain)).toBe(`● pryx      ready      version 1.2.3 · process 42 · up 1 h 2 min · 84 MB
● database  ok         schema 1 · 156 kB
● edge      up         https://edge.example
● telegram  up         @ada_bot · webhook
● model     ok         gpt · openai
● queue     ok         empty

home /home/ada/.pryx · http://127.0.0.1:7717`);
  });

  it('says what is wrong and what to do about it, and leaves old errors of what works again alone', () => {
    const shown = showStatus(
      {
        ...base,
        link: { ...base.link, lastError },
        channels: [{ name: 'telegram', state: 'down', mode: 'webhook', account: null, lastError }],
        database: { ...base.database, state: 'replaced', setAside: 'pryx.db.corrupt-1' },
        queue: { inbox: 2, turns: 1, outbox: 3, inDoubt: 1, failed: 4 },
      },
      now,
      plain,
    );
    expect(shown).toContain('◐ database  replaced   schema 1 · 156 kB · the damaged one is pryx.db.corrupt-1');
    expect(shown).toContain(
      '● queue     ok         2 to read · 1 answer in the making · 3 to send · 1 in doubt · 4 given up',
    );
    expect(shown).toMatch(
      /\n\ntelegram channel_unauthorized {2}Telegram refused the token. 1 min 1 s ago\n {2}next: Check TELEGRAM_BOT_TOKEN\.$/,
    );
    expect(shown.match(/channel_unauthorized/g)).toHaveLength(1);
  });

  it('says also while the link is up that what comes over it is refused', () => {
    const refusing = { code: 'bad_job', message: 'An unknown key.', hint: 'Pair again.', at: now - 1_000 };
    const shown = showStatus({ ...base, link: { ...base.link, lastError: refusing } }, now, plain);
    expect(shown).toMatch(/\n\nedge bad_job {2}An unknown key. 1 s ago\n {2}next: Pair again\.$/);
  });

  it('tells how many jobs wait at the edge when it was asked', () => {
    const mailbox = {
      device_id: 'd',
      connected: true,
      queued: { jobs: 1, bytes: 2048 },
      in_flight: 0,
      last_sequence: 9,
      refused: 0,
      last_contact: null,
    };
    expect(showStatus({ ...base, link: { ...base.link, mailbox } }, now, plain)).toContain(
      'https://edge.example · mailbox 1 job, 2.0 kB',
    );
  });

  it('is unhealthy when something that was set up is down, and not when it was never set up', () => {
    expect(isUnhealthy(base)).toBe(false);
    expect(isUnhealthy({ ...base, link: { ...base.link, state: 'off' }, channels: [] })).toBe(false);
    expect(isUnhealthy({ ...base, link: { ...base.link, state: 'connecting' } })).toBe(false);
    expect(isUnhealthy({ ...base, link: { ...base.link, state: 'down' } })).toBe(true);
    expect(
      isUnhealthy({ ...base, channels: base.channels.map((channel) => ({ ...channel, state: 'down' as const })) }),
    ).toBe(true);
    expect(isUnhealthy({ ...base, daemon: { ...base.daemon, state: 'degraded' } })).toBe(true);
  });
});
