import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PairingState } from '../../../shared/api/pairing.ts';
import { bundle } from '../daemon/bundle.ts';
import { eventually } from '../store/eventually.ts';
import { createHome } from './run-pryx.ts';
import { runningStatus, scriptDaemon } from './scripted-daemon.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

const edge = 'https://edge.example.com';
const waiting = {
  state: 'waiting',
  edge,
  user_code: 'BCDF-GHJK',
  verification_uri: `${edge}/pair`,
  verification_uri_complete: `${edge}/pair?user_code=BCDF-GHJK`,
  device_name: 'attic\u001b[31m pi',
  platform: 'Linux arm64',
  words: ['abandon', 'horse', 'battery', 'staple'],
  expires_at: Date.now() + 600_000,
} satisfies PairingState;
const paired = { state: 'paired', edge, device_id: 'x'.repeat(43), paired_at: 1 } satisfies PairingState;
const failed = (code: string, message: string, hint: string) =>
  ({ state: 'failed', edge, error: { code, message, hint } }) satisfies PairingState;

/** A home whose daemon answers `POST /pairing` with the first state, and `GET /pairing` with the rest, the last one for ever. */
async function pairing(...states: [PairingState, ...PairingState[]]) {
  const home = createHome(entry, { PRYX_EDGE_URL: '' });
  const [first, ...rest] = states;
  const daemon = await scriptDaemon(home.folder, {
    'POST /pairing': () => first,
    'GET /pairing': () => (rest.length > 1 ? rest.shift() : (rest[0] ?? first)),
    'DELETE /pairing': () => ({ state: 'none' }),
    'GET /status': () => runningStatus(home.folder),
  });
  return { ...home, daemon };
}

describe('pryx pair', () => {
  it('shows picture, address, code and words, and ends well when the owner has approved', async () => {
    const { pryx } = await pairing(waiting, waiting, paired);
    const { code, stdout, stderr } = await pryx('pair');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/[█▀▄]{10}/);
    for (const text of ['B C D F - G H J K', `${edge}/pair`, 'abandon horse', 'battery staple', 'attic[31m pi'])
      expect(stdout).toContain(text);
    expect(stdout).toContain('Paired with https://edge.example.com. The link is up.');
    // One plain block, without anything that only a terminal understands.
    expect(stdout).not.toContain('\u001b');
    expect(stdout.match(/left/g)).toHaveLength(1);
  });

  it('fits a terminal of 80 columns and 24 rows', async () => {
    const { pryx } = await pairing(waiting, paired);
    const rows = (await pryx('pair')).stdout.trimEnd().split('\n');
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(80);
    expect(rows.length).toBeLessThanOrEqual(24);
  });

  it('shows no picture of an address of this machine, which no phone can reach', async () => {
    const here = { ...waiting, verification_uri: 'http://localhost:8787/pair' };
    const { pryx } = await pairing(
      { ...here, verification_uri_complete: `${here.verification_uri}?user_code=x` },
      paired,
    );
    const { stdout } = await pryx('pair');
    expect(stdout).toContain('http://localhost:8787/pair?user_code=x');
    expect(stdout).not.toMatch(/[█▀▄]{10}/);
  });

  it('--json gives one document, and shows the code beside it', async () => {
    const { pryx } = await pairing(waiting, paired);
    const { code, stdout, stderr } = await pryx('pair', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ ...paired, already: false, link: 'up' });
    expect(stderr).toContain('B C D F - G H J K');
  });

  it('asks for what was said, and for the edge of this environment otherwise', async () => {
    const { pryx, daemon } = await pairing(paired);
    await pryx('pair', '--edge', 'https://other.example', '--name', 'attic', '--again');
    await pryx('pair');
    expect(daemon.asked.filter(({ what }) => what === 'POST /pairing').map(({ body }) => body)).toEqual([
      { edge: 'https://other.example', name: 'attic', again: true },
      {},
    ]);
    const set = createHome(entry, { PRYX_EDGE_URL: edge });
    const other = await scriptDaemon(set.folder, { 'POST /pairing': () => paired });
    await set.pryx('pair');
    expect(other.asked).toContainEqual({ what: 'POST /pairing', body: { edge } });
  });

  it('is content when it is paired already', async () => {
    const { pryx } = await pairing(paired);
    expect(await pryx('pair')).toMatchObject({ code: 0, stdout: expect.stringContaining('already') });
    expect(JSON.parse((await pryx('pair', '--json')).stdout)).toMatchObject({ state: 'paired', already: true });
  });

  it.each([
    ['pairing_denied', 'The owner said no.', 'Ask again with `pryx pair`.'],
    ['pairing_expired', 'The code has expired.', 'Get a new one with `pryx pair`.'],
  ])('%s is said in plain words, with exit code 4', async (code, message, hint) => {
    const { pryx } = await pairing(waiting, waiting, failed(code, message, hint));
    expect(await pryx('pair')).toMatchObject({ code: 4, stderr: `error ${code}  ${message}\n  next: ${hint}\n` });
    const again = await pairing(waiting, failed(code, message, hint));
    const document = await again.pryx('pair', '--json');
    expect(document.code).toBe(4);
    expect(JSON.parse(document.stdout)).toEqual({ error: { code, message, hint } });
  });

  it.each([
    ['with the same edge', { ...paired, paired_at: 4_999 }],
    ['with another edge', { ...paired, edge: 'https://other.example', paired_at: 4_999 }],
  ])('given up elsewhere is not taken for done because the device was paired before %s', async (_, before) => {
    const { pryx } = await pairing({ ...waiting, started_at: 5_000 }, waiting, before);
    expect(await pryx('pair', '--again')).toMatchObject({ code: 1, stderr: expect.stringContaining('given up') });
    const done = await pairing({ ...waiting, started_at: 5_000 }, waiting, { ...paired, paired_at: 5_000 });
    expect(await done.pryx('pair', '--again')).toMatchObject({ code: 0 });
  });

  it('Ctrl-C gives it up, and says so', async () => {
    const { begin, daemon } = await pairing(waiting);
    const { child, ended, stdout } = begin('pair');
    await eventually(stdout).toContain('abandon');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 4 });
    expect(daemon.asked.map(({ what }) => what)).toContain('DELETE /pairing');
    expect(stdout()).toContain('Given up. Nothing is paired.');
  });

  it('Ctrl-C gives it up at once, too, while the edge has not answered yet', async () => {
    const home = createHome(entry, { PRYX_EDGE_URL: '' });
    const answered = Promise.withResolvers<unknown>();
    const daemon = await scriptDaemon(home.folder, {
      'POST /pairing': () => answered.promise,
      'DELETE /pairing': () => {
        answered.resolve({ error: { code: 'conflict', message: 'The pairing was given up.' } });
        return { state: 'none' };
      },
    });
    const { child, ended, stdout } = home.begin('pair');
    await eventually(() => daemon.asked.map(({ what }) => what)).toContain('POST /pairing');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 4, stderr: '' });
    expect(daemon.asked.filter(({ what }) => what === 'DELETE /pairing')).toHaveLength(1);
    expect(stdout()).toBe('Given up. Nothing is paired. To begin anew: pryx pair\n');
  });

  it('says that the daemon is gone when it dies while somebody waits', async () => {
    const { begin, daemon } = await pairing(waiting);
    const { ended, stdout } = begin('pair');
    await eventually(stdout).toContain('abandon');
    daemon.close();
    expect(await ended).toMatchObject({ code: 3, stderr: expect.stringContaining('error daemon_not_running') });
  });

  it('says that it was given up elsewhere', async () => {
    const { pryx } = await pairing(waiting, { state: 'none' });
    expect(await pryx('pair')).toMatchObject({ code: 1, stderr: expect.stringContaining('given up elsewhere') });
  });

  it('says what is wrong with an edge, as the daemon found it', async () => {
    const home = createHome(entry);
    const error = { code: 'edge_unreachable', message: 'The server is no edge.', hint: 'Check the address.' };
    await scriptDaemon(home.folder, { 'POST /pairing': () => ({ error }) });
    expect(await home.pryx('pair', '--edge', 'https://example.com')).toMatchObject({
      code: 5,
      stderr: 'error edge_unreachable  The server is no edge.\n  next: Check the address.\n',
    });
  });
});
