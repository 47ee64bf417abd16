/** Several devices of one owner: seen, named, shut out, and let in again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { findHome } from '../../local-agent/cli/home.ts';
import { readStatus } from '../../local-agent/cli/read-status.ts';
import { type DeviceEntry, devicesResponse } from '../../shared/api/devices.ts';
import { runCommand } from '../support/command.ts';
import { type Line, createLine, pairDevice, until } from '../support/line.ts';

let line: Line;
beforeEach(async () => {
  line = await createLine();
  await line.startEdge();
  await line.startDaemon();
  await line.connected();
});
afterEach(() => line.close());

const pryx =
  (env: NodeJS.ProcessEnv, folder: string) =>
  async (...args: string[]) => {
    const command = runCommand(env, '--home', folder, ...args);
    return { code: await command.ended, out: command.stdout() };
  };
const own = (...args: string[]) => pryx(line.env, line.home.folder)(...args);
const devices = async (): Promise<DeviceEntry[]> =>
  devicesResponse.parse(JSON.parse((await own('devices', '--json')).out)).devices;

/** Another machine of the same owner; with no bot, since a bot has one webhook. */
async function secondDevice(name: string) {
  const folder = mkdtempSync(join(tmpdir(), 'pryx-'));
  const { TELEGRAM_BOT_TOKEN: _token, ...env } = line.env;
  const home = findHome(folder, {});
  const run = pryx(env, folder);
  onTestFinished(async () => {
    await run('stop');
    rmSync(folder, { recursive: true, force: true });
  });
  expect((await run('start')).code).toBe(0);
  await pairDevice(home, line.owner(), { name });
  await until(async () => (await readStatus(home)).link.state === 'up');
  return { home, run };
}

it('a second device is paired beside the first, seen from both, and renamed', async () => {
  const attic = await secondDevice('attic');
  const seen = await devices();
  expect(seen.map(({ state, connected }) => [state, connected])).toEqual([
    ['paired', true],
    ['paired', true],
  ]);
  expect(seen.map(({ name, current }) => [name, current])).toContainEqual(['attic', false]);
  expect(new Set(seen.map(({ words }) => words.join(' '))).size).toBe(2);
  expect(await own('devices', 'rename', 'attic', 'cellar')).toMatchObject({ code: 0 });
  expect((await attic.run('devices')).out).toMatch(/cellar \(this one\)/);
});

it('a device that is revoked drops at once, says so in plain words, and comes back only by the owner’s hand', async () => {
  const attic = await secondDevice('attic');
  expect(await own('devices', 'revoke', 'attic', '--yes')).toMatchObject({ code: 0 });
  await until(async () => (await readStatus(attic.home)).link.lastError?.code === 'revoked');
  const status = await attic.run('status');
  expect(status.code).toBe(5);
  expect(status.out).toMatch(/revoked.*\n.*pryx pair/);
  expect(await attic.run('devices')).toMatchObject({ code: 4 });
  expect((await devices()).find(({ name }) => name === 'attic')).toMatchObject({
    state: 'revoked',
    revoked_because: 'owner',
    connected: false,
  });

  await pairDevice(attic.home, line.owner(), { name: 'attic' });
  await until(async () => (await readStatus(attic.home)).link.state === 'up');
  expect((await devices()).map(({ name, state }) => [name, state])).toContainEqual(['attic', 'paired']);
});

it('a device can shut itself out; its owner sees it, and messages are refused until it is paired again', async () => {
  const [device] = await devices();
  expect((await own('devices', 'revoke', device?.device_id.slice(0, 8) ?? '', '--yes')).out).toContain('pryx pair');
  await until(async () => (await line.status()).link.lastError?.code === 'revoked');
  await pairDevice(line.home, line.owner(), {});
  await line.greeted();
});

it('the owner shuts a device out on the account page', async () => {
  const [device] = await devices();
  await line.owner().revoke(device?.device_id ?? '');
  await until(async () => (await line.status()).link.lastError?.code === 'revoked');
  expect((await own('status')).out).toMatch(/pryx pair/);
});

it('a device whose edge lost everything says that it is not known there, and is paired anew', async () => {
  await line.killEdge();
  rmSync(join(line.home.folder, 'edge', 'storage'), { recursive: true });
  await line.startEdge();
  await until(async () => ['not_paired', 'revoked'].includes((await line.status()).link.lastError?.code ?? ''));
  await pairDevice(line.home, line.owner(), {});
  await line.connected();
});

it('the edge gets a new signing key, the old one is retired, and the device follows without a hand laid on it', async () => {
  const pinned = (): unknown[] => line.rows('select pinned_keys from edge');
  const before = pinned();
  expect(await own('edge', 'rotate-key', '--retire')).toMatchObject({ code: 0 });
  await line.killEdge();
  await line.startEdge();
  await line.greeted();
  expect(pinned()).not.toEqual(before);
});
