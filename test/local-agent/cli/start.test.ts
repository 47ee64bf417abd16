import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { statusResponse } from '../../../shared/api/status.ts';
import { bundle } from '../daemon/bundle.ts';
import { eventually } from '../store/eventually.ts';
import { createHome, isAlive } from './run-pryx.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));
const real = await bundle(join(import.meta.dirname, '../../../local-agent/cli/pryx.ts'));

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
    await eventually(() => events(folder)).toEqual(['test.composed', 'daemon.ready']);
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
    await eventually(() => readFileSync(join(folder, 'logs/pryx.log'), 'utf8')).toContain('"polling":true');
    await pryx('restart');
    await eventually(() => readFileSync(join(folder, 'logs/pryx.log'), 'utf8')).toContain('"polling":false');
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
