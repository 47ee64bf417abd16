import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { statusResponse } from '../../../shared/api/status.ts';
import { bundle } from '../daemon/bundle.ts';
import { createHome, isAlive } from './run-pryx.ts';

let entry = '';
let real = '';
beforeAll(async () => {
  entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));
  real = await bundle(join(import.meta.dirname, '../../../local-agent/cli/pryx.ts'));
});

const json = (text: string): unknown => JSON.parse(text) as unknown;
const events = (folder: string) =>
  readFileSync(join(folder, 'logs/pryx.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);

describe('the real command', () => {
  it('starts the daemon, shows how it is, and stops it', async () => {
    const { folder, pryx, pid } = createHome(real);
    expect(await pryx('start')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Pryx is running'),
      stderr: '',
    });
    const daemon = pid();
    const status = await pryx('status', '--json');
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(statusResponse.parse(json(status.stdout))).toMatchObject({
      daemon: { pid: daemon, state: 'ready', home: folder },
    });
    expect(await pryx('stop')).toMatchObject({ code: 0, stdout: expect.stringContaining('has stopped') });
    expect(daemon !== undefined && isAlive(daemon)).toBe(false);
    expect((await pryx('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('pryx start', () => {
  it('comes back when the daemon serves, which then lives on by itself', async () => {
    const { folder, pryx, pid } = createHome(entry);
    const started = await pryx('start', '--json');
    expect(started).toMatchObject({ code: 0, stderr: '' });
    expect(json(started.stdout)).toEqual({ state: 'ready', pid: pid(), port: expect.any(Number), already: false });
    expect(statSync(join(folder, 'logs/pryx.log')).mode & 0o777).toBe(0o600);
    await expect.poll(() => events(folder)).toEqual(['test.composed', 'daemon.ready']);
  });

  it('is content when it runs already, also when somebody else starts it at the same moment', async () => {
    const { pryx, pid } = createHome(entry);
    const answers = (await Promise.all([pryx('start', '--json'), pryx('start', '--json')])).map(({ code, stdout }) => ({
      code,
      ...(json(stdout) as { pid: number; already: boolean }),
    }));
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
    expect(new Set(answers.map((answer) => answer.pid))).toEqual(new Set([pid()]));
    expect(answers.map(({ already }) => already).toSorted()).toEqual([false, true]);
    expect(json((await pryx('start', '--json')).stdout)).toMatchObject({ already: true, pid: pid() });
  });

  it('says why the daemon does not serve: a port, a setting, a folder', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const taken = createHome(entry, { PRYX_PORT: typeof address === 'object' ? String(address?.port) : '' });
    const refused = await taken.pryx('start');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^error port_in_use .*\n {2}next: Set PRYX_PORT/);
    // K3: it is in the log as well.
    expect(refused.stderr).toContain('New in the log: 1 error.');

    const misspelt = await createHome(entry, { PRYX_PORT: 'seven' }).pryx('start', '--json');
    expect(misspelt.code).toBe(2);
    expect(json(misspelt.stdout)).toMatchObject({
      error: { code: 'config_invalid', message: expect.stringContaining('PRYX_PORT') },
    });

    const home = createHome(entry);
    writeFileSync(join(home.folder, 'file'), '');
    const unusable = await home.pryx('start', '--home', join(home.folder, 'file'));
    expect(unusable).toMatchObject({ code: 2, stderr: expect.stringContaining('error config_invalid') });
  });

  it('says that the daemon died without a word', async () => {
    const died = await createHome(entry, { PRYX_TEST_FAULT: 'killed' }).pryx('start', '--json');
    expect(died.code).toBe(1);
    expect(json(died.stdout)).toMatchObject({
      error: {
        code: 'internal',
        message: expect.stringContaining('SIGKILL'),
        hint: expect.stringContaining('pryx logs'),
      },
    });
  });

  it('--polling reaches the daemon', async () => {
    const { folder, pryx } = createHome(entry, { TELEGRAM_BOT_TOKEN: '123456:abcdefghijklmnopqrstuvwxyz' });
    await pryx('start', '--polling');
    await expect.poll(() => readFileSync(join(folder, 'logs/pryx.log'), 'utf8')).toContain('"polling":true');
    await pryx('restart');
    await expect.poll(() => readFileSync(join(folder, 'logs/pryx.log'), 'utf8')).toContain('"polling":false');
  });

  it('--foreground stays, shows the log, and ends by a signal', async () => {
    const { begin, pid } = createHome(entry);
    const { child, next, ended } = begin('start', '--foreground', '--json');
    expect(await next()).toMatchObject({ state: 'ready', pid: child.pid });
    expect(pid()).toBe(child.pid);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => (json(line) as { event: string }).event),
    ).toEqual(['test.composed', 'daemon.ready', 'daemon.stopping', 'daemon.stopped']);
  });

  it('a second daemon in the same home is refused', async () => {
    const { pryx } = createHome(entry);
    await pryx('start');
    expect(await pryx('start', '--foreground')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error daemon_already_running'),
    });
  });
});

describe('pryx stop', () => {
  it('has nothing to do when nothing runs, also where a killed daemon left its files', async () => {
    const { folder, pryx, pid } = createHome(entry);
    expect(await pryx('stop')).toMatchObject({ code: 3, stderr: expect.stringContaining('daemon_not_running') });
    await pryx('start');
    const daemon = pid() ?? 0;
    process.kill(daemon, 'SIGKILL');
    await expect.poll(() => isAlive(daemon)).toBe(false);
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
    await expect.poll(async () => (await pryx('status')).code).toBe(0);
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

describe('pryx status', () => {
  it('tells that nothing runs, with exit code 3', async () => {
    const { folder, pryx } = createHome(entry);
    expect(await pryx('status')).toEqual({
      code: 3,
      stdout: '',
      stderr: `error daemon_not_running  Pryx is not running in ${folder}.\n  next: Start it with \`pryx start\`.\n`,
    });
    expect(json((await pryx('--json', 'status')).stdout)).toEqual({
      daemon: { pid: null, state: 'stopped', home: folder },
      error: { code: 'daemon_not_running', message: expect.any(String), hint: expect.any(String) },
    });
  });

  it('shows what does not work, with its next step and exit code 5', async () => {
    const { pryx } = createHome(entry, { PRYX_TEST_FAULT: 'down' });
    await pryx('start');
    const shown = await pryx('status');
    expect(shown.code).toBe(5);
    expect(shown.stdout).toMatch(/edge +down/);
    expect(shown.stdout).toMatch(/unavailable {2}The edge .*be reached[^]*next: Check PRYX_EDGE_URL/);
    // What came from another machine cannot play with this terminal, and a pipe gets no colours.
    expect(shown.stdout).not.toContain('\u001b');
    const document = await pryx('status', '--json');
    expect(document.code).toBe(5);
    expect(json(document.stdout)).toMatchObject({ link: { state: 'down', lastError: { code: 'unavailable' } } });
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
    await expect.poll(async () => (await pryx('status')).code).toBe(0);
    const daemon = pid() ?? 0;
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(daemon)).toBe(false);
    await expect.poll(() => events(folder)).toContain('daemon.stopped');
  });
});

describe('wrong use', () => {
  it('is exit code 2, with a word on what was meant', async () => {
    const { pryx } = createHome(entry);
    for (const [args, hint] of [
      [['statu'], /Did you mean status\?/],
      [['status', '--colour'], /pryx --help/],
      [['logs', '--lines', 'many'], /--lines 100/],
      [['logs', '--level', 'loud'], /--level warn/],
      [['edge', 'dev', '--port', 'x'], /--port 8787/],
      [['start', '--home', '--polling'], /pryx --help/],
    ] as const) {
      const said = await pryx(...args);
      expect(said, args.join(' ')).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^error usage/),
      });
      expect(said.stderr).toMatch(hint);
    }
    const document = await pryx('edge', '--json');
    expect([document.code, json(document.stdout)]).toMatchObject([2, { error: { code: 'usage' } }]);
  });

  it('without a word all commands are shown, but the hidden one', async () => {
    const { code, stdout } = await createHome(entry).pryx();
    expect(code).toBe(0);
    for (const name of ['start', 'stop', 'restart', 'status', 'logs', 'dev', 'edge', '--home', '--json'])
      expect(stdout).toContain(name);
    expect(stdout).not.toContain('daemon [');
  });
});
