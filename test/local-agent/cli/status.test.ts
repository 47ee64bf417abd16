import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle } from '../daemon/bundle.ts';
import { createHome } from './run-pryx.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

const json = (text: string): unknown => JSON.parse(text) as unknown;

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
