import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeSettings } from '../../../local-agent/core/describe-settings.ts';
import { readSettings } from '../../../local-agent/core/settings.ts';
import { type SettingEntry, settingsResponse } from '../../../shared/api/settings.ts';

const token = `123:${'canary-'.repeat(5)}`;
const describeOf = (env: Record<string, string>): Record<string, SettingEntry> =>
  Object.fromEntries(describeSettings(readSettings(env)).map((entry) => [entry.name, entry]));

describe('The settings as their owner reads them', () => {
  it('are all that .env.example lists for the device, in its order', () => {
    const example = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
    const [, ofDevice = ''] = example.split(/^# --- .* ---$/m);
    const listed = [...ofDevice.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
    expect(listed.length).toBeGreaterThan(10);
    expect(describeSettings(readSettings({})).map(({ name }) => name)).toEqual(listed);
  });

  it('tell what is set, what counts without, and what would not count and why', () => {
    const settings = describeOf({ PRYX_PORT: '8000', TELEGRAM_OWNER_ID: '7', PRYX_MODEL: 'x' });
    expect(settings['PRYX_PORT']).toMatchObject({ state: 'set', value: '8000', why: null });
    expect(settings['PRYX_LOG_LEVEL']).toMatchObject({ state: 'default', value: 'info', why: null });
    expect(settings['PRYX_HOME']).toMatchObject({ state: 'default', value: expect.stringMatching(/\.pryx$/) });
    expect(settings['PRYX_LOCAL_MODELS']).toMatchObject({ state: 'default' });
    expect(settings['PRYX_EDGE_URL']).toMatchObject({ state: 'off', value: null, why: null });
    expect(settings['TELEGRAM_OWNER_ID']).toMatchObject({ state: 'off', value: null, why: 'needs TELEGRAM_BOT_TOKEN' });
    expect(settings['PRYX_MODEL']).toMatchObject({ state: 'off', value: null, why: 'needs PRYX_MODEL_BASE_URL' });
  });

  it('tell of one that another overrides', () => {
    const settings = describeOf({
      TELEGRAM_BOT_TOKEN: token,
      PRYX_TELEGRAM_POLLING: 'yes',
      TELEGRAM_WEBHOOK_SECRET: 'canary',
      PRYX_MODEL_BASE_URL: 'https://models.example/v1',
      PRYX_LOCAL_MODELS: 'off',
    });
    expect(settings['TELEGRAM_API_ROOT']).toMatchObject({ state: 'default', value: 'https://api.telegram.org' });
    expect(settings['PRYX_TELEGRAM_POLLING']).toMatchObject({ state: 'set', value: 'true' });
    expect(settings['TELEGRAM_WEBHOOK_SECRET']).toMatchObject({ state: 'off', why: 'PRYX_TELEGRAM_POLLING is true' });
    expect(settings['PRYX_LOCAL_MODELS']).toMatchObject({ state: 'off', why: 'PRYX_MODEL_BASE_URL is set' });
    expect(describeOf({ PRYX_LOCAL_MODELS: 'off' })['PRYX_LOCAL_MODELS']).toMatchObject({ state: 'set', value: 'off' });
  });

  it('hold no secret, also none that hides in an address: only that it is set', () => {
    const settings = describeOf({
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: 'https://canary:canary@bots.example',
      TELEGRAM_WEBHOOK_URL: 'https://hooks.example/x?key=canary',
      TELEGRAM_WEBHOOK_SECRET: 'canary',
      PRYX_MODEL_BASE_URL: 'https://canary@models.example/v1?key=canary',
      PRYX_MODEL_API_KEY: 'canary',
    });
    expect(JSON.stringify(settings)).not.toContain('canary');
    for (const name of ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_WEBHOOK_SECRET', 'PRYX_MODEL_API_KEY'])
      expect(settings[name]).toMatchObject({ state: 'set', secret: true, value: null });
    expect(settings['TELEGRAM_API_ROOT']?.value).toBe('https://…@bots.example/');
    expect(settings['TELEGRAM_WEBHOOK_URL']?.value).toBe('https://hooks.example/x?…');
    expect(settings['PRYX_MODEL_BASE_URL']?.value).toBe('https://…@models.example/v1?…');
    const local = 'http://me:canary@127.0.0.1:1/v1, me:canary@127.0.0.1:1, canary';
    expect(describeOf({ PRYX_LOCAL_MODELS: local })['PRYX_LOCAL_MODELS']?.value).toBe('http://…@127.0.0.1:1/v1,…,…');
  });

  it('are what the schema says', () => {
    const document = { variables: describeSettings(readSettings({ TELEGRAM_BOT_TOKEN: token })) };
    expect(settingsResponse.parse(document)).toEqual(document);
  });
});
