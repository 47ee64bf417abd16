/** `npm start` as a newcomer meets it: one command, no key, no account, and nothing left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askDaemon } from '../../local-agent/cli/ask-daemon.ts';
import { readPairing } from '../../local-agent/cli/ask-pairing.ts';
import { createSoftwareOwner, ownerState } from '../../local-agent/cli/dev/owner.ts';
import { findHome } from '../../local-agent/cli/home.ts';
import { jobTrace } from '../../shared/api/trace.ts';
import { statusResponse } from '../../shared/api/status.ts';
import { runCommand } from '../support/command.ts';
import { until } from '../support/line.ts';

const pryx = new URL('../../dist/pryx.js', import.meta.url).pathname;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pryx-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = { PATH: process.env.PATH, PRYX_PORT: '0', PRYX_LOCAL_MODELS: 'off', NO_COLOR: '1' };

/** Without a wait on our event loop: the stand-in of Telegram is in that process. */
function dev(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [pryx, 'dev', '--home', folder, ...args], {
    env,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}
const running = (): string[] =>
  spawnSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(folder));

it('says one thing, shows the answer, ends with 0 and leaves no process', () => {
  const { code, out } = dev('--say', 'hello');
  expect(out).toMatch(/^Hello/);
  expect(code).toBe(0);
  expect(running()).toEqual([]);
});

it('goes on with the same conversation at the next start', () => {
  dev('--say', 'remember that the boat is called Argo');
  const { code, out } = dev('--say', 'what is the boat called?');
  expect(out).toContain('Argo');
  expect(code).toBe(0);
});

it('owns its edge by itself: one passkey and one device, however often it starts, also when the edge forgot everything', () => {
  dev('--say', 'hello');
  const owner = readFileSync(join(folder, 'edge/owner.json'), 'utf8');
  expect(statSync(join(folder, 'edge/owner.json')).mode & 0o777).toBe(0o600);
  expect(JSON.parse(owner)).toMatchObject({ passkey: { rp_id: 'localhost' }, recovery_codes: { length: 8 } });
  expect(dev('--say', 'hello')).toMatchObject({ code: 0 });
  // Nothing was asked of the owner the second time.
  expect(readFileSync(join(folder, 'edge/owner.json'), 'utf8')).toBe(owner);
  rmSync(join(folder, 'edge/storage'), { recursive: true });
  expect(dev('--say', 'hello')).toMatchObject({ code: 0, out: expect.stringMatching(/^Hello/) });
  expect(readFileSync(join(folder, 'edge/owner.json'), 'utf8')).not.toBe(owner);
});

it('when its edge belongs to somebody else’s passkey, it shows the code to a person and goes on once that is done', async () => {
  dev('--say', 'hello');
  const path = join(folder, 'edge/owner.json');
  const state = ownerState.parse(JSON.parse(readFileSync(path, 'utf8')));
  rmSync(path);
  const home = findHome(folder, {});
  rmSync(join(folder, 'pryx.db'));
  const command = runCommand(env, 'dev', '--home', folder, '--say', 'hello');
  await until(() => /Code\s+(\S ){8}/.test(command.stdout()) || command.child.exitCode !== null);
  expect(command.stderr()).toContain('The owner of the local edge has to approve this device.');
  const pairing = await readPairing(home);
  if (pairing.state !== 'waiting') throw new Error('It does not wait.');
  await createSoftwareOwner({ edge: pairing.edge, state }).approve({ userCode: pairing.user_code });
  expect(await command.ended).toBe(0);
  expect(command.stdout()).toMatch(/Hello/);
});

it('shows each hop with its milliseconds', () => {
  const { out } = dev('--say', 'hello', '--trace');
  for (const hop of [
    'webhook posted',
    'sealed and signed',
    'verified, opened',
    'durable',
    'placeholder stands',
    'answer stands',
  ]) {
    expect(out).toMatch(new RegExp(`${hop}.*\\d+\\.\\d`));
  }
});

it('gives one JSON document', () => {
  const { out } = dev('--say', 'hello', '--json');
  const said = JSON.parse(out) as { answer: string[]; trace: unknown };
  expect(said.answer[0]).toMatch(/^Hello/);
  expect(jobTrace.parse(said.trace)).toMatchObject({ state: 'answered' });
});

it('without a terminal it runs until a signal, brings back a daemon that dies, and ends with it when it is killed', async () => {
  const home = findHome(folder, {});
  const child = spawn(process.execPath, [pryx, 'dev', '--home', folder], { env, stdio: 'ignore' });
  const status = async () => statusResponse.parse(await askDaemon(home, { path: '/status' }));
  const pidOf = async (): Promise<number | undefined> => (await status().catch(() => undefined))?.daemon.pid;
  await until(async () => (await status().catch(() => undefined))?.link.state === 'up');
  const first = (await pidOf()) ?? 0;
  process.kill(first, 'SIGKILL');
  await until(async () => ![undefined, first].includes(await pidOf()));
  child.kill('SIGKILL');
  await until(() => running().length === 0);
  expect(running()).toEqual([]);
});
