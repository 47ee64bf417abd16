import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDevice } from '../../../local-agent/cli/ask-devices.ts';
import { showDevices } from '../../../local-agent/cli/terminal/show-devices.ts';
import type { DeviceEntry } from '../../../shared/api/devices.ts';
import { bundle } from '../daemon/bundle.ts';
import { createHome } from './run-pryx.ts';
import { scriptDaemon } from './scripted-daemon.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

const device = (device_id: string, name: string, more: Partial<DeviceEntry> = {}): DeviceEntry => ({
  device_id: device_id.padEnd(43, '0'),
  name,
  platform: 'Linux arm64',
  words: ['abandon', 'horse', 'battery', 'staple'],
  current: false,
  state: 'paired',
  revoked_because: null,
  connected: false,
  paired_at: 0,
  last_contact: null,
  ...more,
});
const laptop = device('aaaa1111', 'laptop', { current: true, connected: true });
const attic = device('bbbb2222', 'attic', { last_contact: 0 });
const twin = device('bbbb3333', 'attic');
const lost = device('cccc4444', 'phone\u001b[2J', { state: 'revoked', revoked_because: 'token_reuse' });
const old = device('dddd5555', 'tablet', { state: 'revoked', revoked_because: 'owner' });
const all = [laptop, attic, lost];

async function withDevices(devices: DeviceEntry[] = all) {
  const home = createHome(entry);
  const daemon = await scriptDaemon(home.folder, {
    'GET /devices': () => ({ devices }),
    [`PATCH /devices/${attic.device_id}`]: () => ({}),
    [`DELETE /devices/${attic.device_id}`]: () => ({}),
    [`DELETE /devices/${laptop.device_id}`]: () => ({}),
    [`DELETE /devices/${lost.device_id}`]: () => ({}),
  });
  const changes = (): unknown[] => daemon.asked.filter(({ what }) => !what.startsWith('GET'));
  return { ...home, changes };
}

describe('pryx devices', () => {
  it('shows each with its words, when it was last there, and which one this is', () => {
    const rows = showDevices(all, 3_600_000, (_style, text) => text).split('\n');
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['', 'device', 'platform', 'words', 'last contact', 'id'],
      ['● laptop (this one)', 'Linux arm64', 'abandon horse battery staple', 'connected', 'aaaa1111'],
      ['○ attic', 'Linux arm64', 'abandon horse battery staple', '1 h ago', 'bbbb2222'],
      ['○ phone[2J', 'Linux arm64', 'abandon horse battery staple', 'shut: a token came twice', 'cccc4444'],
    ]);
    expect(new Set(rows.map((row) => row.search(/id$|[abc]{4}\d{4}$/))).size).toBe(1);
  });

  it('--json gives them as the edge has them', async () => {
    const { pryx } = await withDevices();
    const { code, stdout } = await pryx('devices', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ devices: all });
  });

  it('rename finds a device by its name or id, and cleans the new name', async () => {
    const { pryx, changes } = await withDevices();
    expect(await pryx('devices', 'rename', 'ATTIC', ' under\tthe\u202e roof ')).toMatchObject({ code: 0 });
    expect(await pryx('devices', 'rename', 'bbbb', 'roof', '--json')).toMatchObject({
      stdout: `${JSON.stringify({ device_id: attic.device_id, name: 'roof' })}\n`,
    });
    const what = `PATCH /devices/${attic.device_id}`;
    expect(changes()).toEqual([
      { what, body: { name: 'under the roof' } },
      { what, body: { name: 'roof' } },
    ]);
    expect(await pryx('devices', 'rename', 'attic', '\u202e')).toMatchObject({ code: 2 });
  });

  it('revoke asks first, and does nothing when there is nobody to ask', async () => {
    const { pryx, changes } = await withDevices();
    const said = await pryx('devices', 'revoke', 'attic');
    expect(said).toMatchObject({ code: 2, stderr: expect.stringMatching(/drops at once[^]*--yes/) });
    expect(changes()).toEqual([]);
  });

  it('revoke --yes does it, also to this very device, and says what that means', async () => {
    const { pryx, changes } = await withDevices();
    expect(await pryx('devices', 'revoke', 'attic', '--yes')).toMatchObject({ code: 0, stderr: '' });
    const own = await pryx('devices', 'revoke', 'laptop', '--yes');
    expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('pryx pair') });
    expect(changes()).toEqual([
      { what: `DELETE /devices/${attic.device_id}`, body: undefined },
      { what: `DELETE /devices/${laptop.device_id}`, body: undefined },
    ]);
  });

  it('revoke of one that is revoked is done already', async () => {
    const { pryx, changes } = await withDevices([...all, old]);
    const said = await pryx('devices', 'revoke', 'tablet', '--json');
    expect(JSON.parse(said.stdout)).toMatchObject({ state: 'revoked', already: true });
    expect(changes()).toEqual([]);
  });

  it('revoke of one that was shut because a token came twice is for good: what the edge kept for it goes', async () => {
    const { pryx, changes } = await withDevices();
    const said = await pryx('devices', 'revoke', 'cccc4444', '--yes', '--json');
    expect(JSON.parse(said.stdout)).toMatchObject({ state: 'revoked', already: false });
    expect(changes()).toEqual([{ what: `DELETE /devices/${lost.device_id}`, body: undefined }]);
  });

  it('says that a name could be several, or none', async () => {
    const { pryx } = await withDevices([attic, twin]);
    expect(await pryx('devices', 'revoke', 'attic', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/2 devices[^]*bbbb2222, bbbb3333/),
    });
    expect(await pryx('devices', 'rename', 'nobody', 'x')).toMatchObject({ code: 1 });
  });
});

describe('a device', () => {
  it('is found by its name before one of that name that is revoked, and by no less than four characters of its id', () => {
    const old = device('dddd5555', 'attic', { state: 'revoked' });
    expect(findDevice([old, attic], 'attic')).toBe(attic);
    expect(findDevice([old], 'attic')).toBe(old);
    expect(() => findDevice([attic], 'bbb')).toThrow('no device');
    expect(() => findDevice([attic], '')).toThrow('no device');
  });
});
