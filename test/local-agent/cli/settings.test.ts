import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsResponse } from '../../../shared/api/settings.ts';
import { askSocket } from '../daemon/ask-socket.ts';
import { bundle } from '../daemon/bundle.ts';
import { createHome } from './run-pryx.ts';
import { scriptDaemon } from './scripted-daemon.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

const secrets = {
  TELEGRAM_BOT_TOKEN: `123:${'canary-'.repeat(5)}`,
  TELEGRAM_WEBHOOK_SECRET: 'canary',
  PRYX_MODEL_BASE_URL: 'http://canary:canary@127.0.0.1:1/v1?key=canary',
  PRYX_MODEL_API_KEY: 'canary',
};

describe('pryx settings', () => {
  it('while nothing runs shows what this shell would set, and says so', async () => {
    const { folder, pryx } = createHome(entry, { PRYX_LOG_LEVEL: 'debug' });
    const { code, stdout } = await pryx('settings');
    expect(code).toBe(0);
    expect(stdout).toMatch(/not running[^]*this shell/);
    const rows = stdout.split('\n').map((row) => row.split(/ {2,}/));
    expect(rows).toContainEqual(['● PRYX_HOME', folder, 'environment']);
    expect(rows).toContainEqual(['● PRYX_LOG_LEVEL', 'debug', 'environment']);
    expect(rows).toContainEqual(['○ PRYX_EDGE_URL', '–', 'not set']);
    expect(rows).toContainEqual(['○ TELEGRAM_OWNER_ID', '–', 'needs TELEGRAM_BOT_TOKEN']);
    expect(JSON.parse((await pryx('settings', '--json')).stdout)).toMatchObject({ from: 'shell' });
  });

  it('shows what the running daemon was started with, whatever this shell has', async () => {
    const home = createHome(entry, { PRYX_LOG_LEVEL: 'warn' });
    await home.pryx('start');
    const other = createHome(entry, { PRYX_LOG_LEVEL: 'debug' });
    const { code, stdout } = await other.pryx('settings', '--home', home.folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/running daemon/);
    expect(stdout).toMatch(/PRYX_LOG_LEVEL +warn +environment/);
    const { from, variables } = JSON.parse((await home.pryx('settings', '--json')).stdout) as {
      from: string;
      variables: unknown;
    };
    expect(from).toBe('daemon');
    const answer = await askSocket(join(home.folder, 'run/pryx.sock'), '/settings');
    expect([answer.status, answer.body]).toEqual([200, { variables }]);
    expect(settingsResponse.parse(answer.body)).toEqual(answer.body);
  });

  it('shows no secret, neither of this shell nor of the daemon, in no form, and leaves none in the log', async () => {
    const { folder, pryx } = createHome(entry, secrets);
    const shown = [await pryx('settings'), await pryx('settings', '--json'), await pryx('open', 'pryx://settings')];
    await pryx('start');
    shown.push(await pryx('settings'), await pryx('settings', '--json'), await pryx('open', 'pryx://settings'));
    const answer = await askSocket(join(folder, 'run/pryx.sock'), '/settings');
    for (const { code, stdout } of shown) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/TELEGRAM_BOT_TOKEN( +set|","state":"set")/);
    }
    expect(JSON.stringify(answer.body)).toContain('TELEGRAM_BOT_TOKEN');
    expect(JSON.stringify([shown, answer])).not.toContain('canary');
    expect(readFileSync(join(folder, 'logs/pryx.log'), 'utf8')).not.toContain('canary');
  });

  it('with a shell that Pryx could not start from names the variable, not its value', async () => {
    const { pryx } = createHome(entry, { TELEGRAM_BOT_TOKEN: 'canary' });
    const { code, stdout, stderr } = await pryx('settings');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/config_invalid +TELEGRAM_BOT_TOKEN/);
    expect(stderr).not.toContain('canary');
  });

  it('shows nothing that a terminal would obey', async () => {
    const home = createHome(entry);
    const value = '\u001b[2Jx\u009b31m\u202e';
    await scriptDaemon(home.folder, {
      'GET /settings': () => ({ variables: [{ name: 'PRYX_MODEL', state: 'set', secret: false, value, why: null }] }),
    });
    const { stdout } = await home.pryx('settings');
    expect(stdout).toMatch(/PRYX_MODEL {2}\[2Jx31m {2}environment/);
    expect((await home.pryx('settings', '--json')).stdout.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
  });
});
