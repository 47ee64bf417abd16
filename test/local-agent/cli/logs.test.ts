import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { bundle } from '../daemon/bundle.ts';
import { createHome } from './run-pryx.ts';
import { eventually } from '../store/eventually.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

const line = (severity: string, event: string, rest = {}) =>
  `${JSON.stringify({ time: '2026-11-20T17:18:09.007Z', severity, event, ...rest })}\n`;

function homeWithLog(content: string) {
  const home = createHome(entry);
  const path = join(home.folder, 'logs/pryx.log');
  for (const name of ['logs', 'run']) mkdirSync(join(home.folder, name));
  writeFileSync(path, content);
  return { ...home, path };
}

describe('pryx logs', () => {
  it('shows the last lines for people, from any level on, also from the file before', async () => {
    const { pryx, path } = homeWithLog('');
    writeFileSync(
      `${path}.1`,
      line('WARN', 'link.down', { attempt: 1, message: 'two words', nothing: null }) + line('DEBUG', 'link.detail'),
    );
    writeFileSync(
      path,
      line('INFO', 'link.up') +
        line('ERROR', 'http.failed', { error: { code: 'port_in_use', message: 'Taken.', hint: 'Set PRYX_PORT.' } }),
    );
    const all = await pryx('logs');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout.split('\n').map((text) => text.slice(24))).toEqual([
      'WARN  link.down attempt=1 message="two words" nothing=null',
      'DEBUG link.detail',
      'INFO  link.up',
      'ERROR http.failed',
      'port_in_use Taken.',
      'next: Set PRYX_PORT.',
      '',
    ]);
    expect(all.stdout).toMatch(/^2026-11-\d\d \d\d:18:09\.007 WARN/);
    expect((await pryx('logs', '-n', '1')).stdout).toContain('http.failed');
    expect((await pryx('logs', '-n', '2', '--level', 'warn', '--json')).stdout).toBe(
      `${JSON.stringify({ lines: [JSON.parse(line('WARN', 'link.down', { attempt: 1, message: 'two words', nothing: null })), JSON.parse(line('ERROR', 'http.failed', { error: { code: 'port_in_use', message: 'Taken.', hint: 'Set PRYX_PORT.' } }))] })}\n`,
    );
  });

  it('shows what is no line of ours as it is, and lets nothing play with the terminal', async () => {
    const { pryx } = homeWithLog(
      `FATAL ERROR: \u001b[2Jout of memory\n${line('INFO', 'link.up', { name: 'a\u001b]0;b\u0007\u202Ec d' })}half a line`,
    );
    const { stdout } = await pryx('logs');
    expect(stdout.split('\n').map((text) => text.trim())).toEqual([
      'FATAL ERROR: [2Jout of memory',
      expect.stringContaining('name="a]0;bc d"'),
      '',
    ]);
  });

  it('says that there is nothing, where there is no log yet', async () => {
    const { pryx } = createHome(entry);
    expect(await pryx('logs')).toEqual({ code: 0, stdout: '', stderr: 'There is nothing in the log.\n' });
    expect((await pryx('logs', '--json')).stdout).toBe('{"lines":[]}\n');
  });

  it('--follow goes on with lines as they come, over the change to a new file, until a signal', async () => {
    const { begin, path } = homeWithLog(line('INFO', 'first') + line('INFO', 'second'));
    const { child, ended } = begin('logs', '--follow', '--lines', '1', '--json');
    const seen: string[] = [];
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on(
        'line',
        (text) => void seen.push((JSON.parse(text) as { event: string }).event),
      );
    await eventually(() => seen).toEqual(['second']);
    appendFileSync(path, line('INFO', 'third'));
    await eventually(() => seen).toEqual(['second', 'third']);
    appendFileSync(path, line('INFO', 'fourth'));
    renameSync(path, `${path}.1`);
    writeFileSync(path, line('INFO', 'fifth'));
    await eventually(() => seen).toEqual(['second', 'third', 'fourth', 'fifth']);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('ends quietly when nobody reads any more', async () => {
    const { begin } = homeWithLog(line('INFO', 'many').repeat(20_000));
    const { child, ended } = begin('logs', '--lines', '20000');
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended).toEqual({ code: 0, signal: null, stderr: '' });
  });
});

describe('every command', () => {
  it('says how many warnings and errors are new, until they were looked at', async () => {
    const { pryx, path } = homeWithLog(
      line('INFO', 'fine') + line('WARN', 'odd') + line('ERROR', 'bad') + line('WARN', 'odd'),
    );
    for (let count = 0; count < 2; count++)
      expect((await pryx('status')).stderr).toContain('New in the log: 1 error and 2 warnings. See pryx logs.');
    appendFileSync(path, line('ERROR', 'bad'));
    const document = await pryx('status', '--json');
    expect(document.stderr).toBe('New in the log: 2 errors and 2 warnings. See pryx logs.\n');
    expect((await pryx('logs')).stderr).toBe('');
    expect((await pryx('status')).stderr).not.toContain('New in the log');
    appendFileSync(path, line('WARN', 'odd'));
    expect((await pryx('status')).stderr).toContain('New in the log: 1 warning. See pryx logs.');
  });
});
