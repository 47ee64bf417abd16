import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundle } from '../daemon/bundle.ts';
import { eventually } from '../store/eventually.ts';
import { createHome, isAlive } from './run-pryx.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

const json = (text: string): unknown => JSON.parse(text) as unknown;
const events = (folder: string) =>
  readFileSync(join(folder, 'logs/pryx.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);

describe('pryx stop', () => {
  it('has nothing to do when nothing runs, also where a killed daemon left its files', async () => {
    const { folder, pryx, pid } = createHome(entry);
    expect(await pryx('stop')).toMatchObject({ code: 3, stderr: expect.stringContaining('daemon_not_running') });
    await pryx('start');
    const daemon = pid() ?? 0;
    process.kill(daemon, 'SIGKILL');
    await eventually(() => isAlive(daemon)).toBe(false);
    expect(existsSync(join(folder, 'run/pryx.sock'))).toBe(true);
    expect((await pryx('stop')).code).toBe(3);
    expect((await pryx('start')).code).toBe(0);
  });

  it('kills nobody without --force, and with it whatever the daemon does', async () => {
    const { pryx, pid } = createHome(entry, { PRYX_TEST_FAULT: 'hang' });
    await pryx('start');
    const daemon = pid() ?? 0;
    process.kill(daemon, 'SIGSTOP');
    expect(await pryx('stop')).toMatchObject({ code: 1, stderr: expect.stringMatching(/does not answer[^]*--force/) });
    expect(isAlive(daemon)).toBe(true);
    const forced = await pryx('stop', '--force', '--json');
    expect([forced.code, json(forced.stdout)]).toEqual([0, { state: 'stopped', pid: daemon, forced: true }]);
    expect(isAlive(daemon)).toBe(false);
  });

  it('does not wait for a process that has ended and is only not buried', async () => {
    const { folder, pryx, pid } = createHome(entry);
    // A parent that takes no note of its children, as in a container without an init.
    const parent = spawn('/bin/sh', ['-c', '"$0" "$1" daemon & exec sleep 30', process.execPath, entry], {
      stdio: 'ignore',
      env: { ...process.env, PRYX_HOME: folder, PRYX_PORT: '0' },
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    await eventually(async () => (await pryx('status')).code).toBe(0);
    const daemon = pid() ?? 0;
    expect((await pryx('stop')).code).toBe(0);
    // It is still there, as a zombie; only Linux shows it that way.
    if (process.platform === 'linux') expect(readFileSync(`/proc/${daemon}/stat`, 'utf8')).toContain(') Z ');
  });
});

describe('pryx restart', () => {
  it('puts a new daemon in the place of the old one, or just starts one', async () => {
    const { pryx, pid } = createHome(entry);
    expect((await pryx('restart')).code).toBe(0);
    const first = pid() ?? 0;
    expect((await pryx('restart')).code).toBe(0);
    expect(pid()).not.toBe(first);
    expect(isAlive(first)).toBe(false);
    expect((await pryx('status')).code).toBe(0);
  });
});

describe('a daemon of pryx dev', () => {
  it('does not outlive its parent', async () => {
    const { folder, pryx, pid } = createHome(entry);
    const code = `
      require('node:child_process').spawn(process.execPath, [${JSON.stringify(entry)}, 'daemon'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
    `;
    const parent = spawn(process.execPath, ['--eval', code], {
      stdio: 'ignore',
      env: { ...process.env, PRYX_HOME: folder, PRYX_PORT: '0' },
    });
    await eventually(async () => (await pryx('status')).code).toBe(0);
    const daemon = pid() ?? 0;
    parent.kill('SIGKILL');
    await eventually(() => isAlive(daemon)).toBe(false);
    await eventually(() => events(folder)).toContain('daemon.stopped');
  });
});
