import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerLinks } from '../../../local-agent/cli/register-links.ts';
import { bundle } from '../daemon/bundle.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { createHome } from './run-pryx.ts';
import { scriptDaemon } from './scripted-daemon.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

describe('pryx open', () => {
  it('shows the edge of a link to pair and asks; with nobody to ask it does nothing', async () => {
    const home = createHome(entry);
    const daemon = await scriptDaemon(home.folder, {});
    const said = await home.pryx('open', 'pryx://pair?edge=https://edge.example.com');
    expect(said).toMatchObject({ code: 2, stdout: '' });
    expect(said.stderr).toContain('https://edge.example.com');
    expect(said.stderr).toContain('only if it is yours');
    expect(daemon.asked).toEqual([]);
  });

  it('leads to the devices, to the status, and to how pairing stands', async () => {
    const home = createHome(entry);
    const paired = { state: 'paired', edge: 'https://edge.example.com', device_id: 'x', paired_at: 1 };
    const states: unknown[] = [paired, { state: 'none' }];
    await scriptDaemon(home.folder, {
      'GET /devices': () => ({ devices: [] }),
      'GET /pairing': () => states.shift(),
      'GET /claim': () => ({ url: null }),
    });
    expect(await home.pryx('open', 'pryx://devices')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/last contact/),
    });
    expect(await home.pryx('open', 'pryx://status')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/edge +up/),
    });
    expect(await home.pryx('open', 'pryx://pair/done')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/is paired with/),
    });
    expect(await home.pryx('open', 'pryx://pair/done')).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/pryx pair/),
    });
  });

  it('leads to what was said in a session, and to the settings, as their commands do', async () => {
    const home = createHome(entry);
    const conversation = {
      id: 7,
      channel: 'telegram',
      key: '7',
      audience: 'private',
      name: 'Anna',
      lastAt: 1,
      messages: 0,
    };
    const daemon = await scriptDaemon(home.folder, {
      'GET /conversations/7': () => ({ conversation, messages: [] }),
      'GET /settings': () => ({ variables: [] }),
    });
    const session = await home.pryx('open', 'pryx://session/7');
    expect(session).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Anna/) });
    expect(await home.pryx('sessions', '7')).toEqual(session);
    const settings = await home.pryx('open', 'pryx://settings');
    expect(settings).toMatchObject({ code: 0, stdout: expect.stringMatching(/running daemon/) });
    expect(await home.pryx('settings')).toEqual(settings);
    expect(daemon.asked.every(({ what }) => what.startsWith('GET '))).toBe(true);
  });

  it('refuses every other link, without repeating it', async () => {
    const { pryx } = createHome(entry);
    for (const link of ['javascript:alert(1)', 'pryx://pair?edge=http://evil.example', 'pryx://status\u001b[2J', ''])
      expect(await pryx('open', link)).toMatchObject({ code: 2, stderr: expect.not.stringMatching(/evil|alert/) });
    expect(await pryx('open')).toMatchObject({ code: 2 });
    expect(await pryx('open', '--wait', 'pryx://nowhere')).toMatchObject({ code: 2 });
  });

  it('--register writes an entry for the desktop, and says where and what else is to be done', async () => {
    const folder = temporaryFolder();
    const { pryx } = createHome(entry, { XDG_DATA_HOME: folder, PATH: '/nonexistent' });
    const { code, stdout } = await pryx('open', '--register', '--json');
    expect(code).toBe(0);
    const file = join(folder, 'applications/pryx.desktop');
    expect(JSON.parse(stdout)).toMatchObject({ file, chosen: false });
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toContain('MimeType=x-scheme-handler/pryx;');
    expect(lines).toContain(`Exec="${process.execPath}" "${entry}" open --wait %u`);
  });
});

describe('the entry for the desktop', () => {
  it('holds a path with odd characters as one argument', () => {
    const env = { XDG_DATA_HOME: temporaryFolder(), PATH: '/nonexistent' };
    const { file } = registerLinks({ platform: 'linux', env, program: ['/a b/100%/$HOME/"x"/`y`/pryx.js'] });
    expect(readFileSync(file, 'utf8')).toContain(
      'Exec="/a b/100%%/\\\\$HOME/\\\\"x\\\\"/\\\\`y\\\\`/pryx.js" open --wait %u\n',
    );
  });

  it('is not there on other systems, which is said with another way', () => {
    expect(() => registerLinks({ platform: 'darwin', env: {}, program: [] })).toThrow(
      expect.objectContaining({ code: 'unavailable', hint: expect.stringContaining('pryx open') }),
    );
  });
});
