/** `pryx edge rotate-key` and `pryx edge setup-code`, as a person runs them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { edgeKeys } from '../../../shared/api/edge.ts';
import { readCode, setupCodeLength } from '../../../shared/pairing/user-code.ts';
import { bundle } from '../daemon/bundle.ts';
import { createHome } from './run-pryx.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));
const keys = await generateEdgeKeys();
const secret = keys.signing[0]?.d ?? '';

function localEdge(folder: string): string {
  const file = join(folder, 'edge', 'keys.json');
  mkdirSync(join(folder, 'edge'), { mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(keys)}\n`, { mode: 0o600 });
  return file;
}

describe('pryx edge rotate-key', () => {
  it('takes what is piped into it before anything else, and gives the new keys on standard output alone', async () => {
    const { folder } = createHome(entry);
    const file = localEdge(folder);
    const other = JSON.stringify(await generateEdgeKeys());
    const child = spawn(process.execPath, [entry, 'edge', 'rotate-key', '--home', folder], {
      env: { ...process.env, PRYX_EDGE_KEYS: other },
    });
    child.stdin.end(JSON.stringify(keys));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect(child.exitCode).toBe(0);
    const rotated = edgeKeys.parse(JSON.parse(stdout));
    expect(rotated.signing[1]).toEqual(keys.signing[0]);
    expect(rotated.statements).toHaveLength(1);
    expect(stderr).toContain('keep the copy');
    for (const { d } of rotated.signing) expect(stderr).not.toContain(d);
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(keys)}\n`);
  });

  it('takes those of the environment next, and with --retire gives up the old ones', async () => {
    const { folder, pryx } = createHome(entry, { PRYX_EDGE_KEYS: JSON.stringify(keys) });
    const file = localEdge(folder);
    const { code, stdout, stderr } = await pryx('edge', 'rotate-key', '--retire');
    expect(code).toBe(0);
    expect(edgeKeys.parse(JSON.parse(stdout)).signing).toHaveLength(1);
    expect(stdout).not.toContain(secret);
    expect(stderr).toContain('nothing counts that an old key signs');
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(keys)}\n`);
  });

  it('replaces those of the local edge where they lie, shows none of them, and says to restart it', async () => {
    const { folder, pryx } = createHome(entry, { PRYX_EDGE_KEYS: '' });
    const file = localEdge(folder);
    const { code, stdout, stderr } = await pryx('edge', 'rotate-key', '--json');
    expect(code).toBe(0);
    const rotated = edgeKeys.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(rotated.signing[1]).toEqual(keys.signing[0]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'edge'))).toEqual(['keys.json']);
    expect(JSON.parse(stdout)).toEqual({ kid: expect.any(String), statement: expect.any(Number), file });
    for (const { d } of rotated.signing) expect(`${stdout}${stderr}`).not.toContain(d);
    expect(stderr).toContain('Restart the local edge');
    await pryx('edge', 'rotate-key');
    expect(edgeKeys.parse(JSON.parse(readFileSync(file, 'utf8'))).statements).toHaveLength(2);
  });

  it('does not take the local edge for what was to be piped into it, when nothing came', async () => {
    const { folder } = createHome(entry);
    const file = localEdge(folder);
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    for (const shell of [`: | "$@"`, `"$@" < ${empty}`]) {
      const child = spawn('sh', ['-c', shell, 'sh', process.execPath, entry, 'edge', 'rotate-key', '--home', folder], {
        env: { ...process.env, PRYX_EDGE_KEYS: '' },
      });
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      expect([shell, child.exitCode, stdout]).toEqual([shell, 2, '']);
      expect(stderr).toContain('next:');
      expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(keys)}\n`);
    }
  });

  it('leaves alone what it cannot read, and says what to do', async () => {
    const { folder, pryx } = createHome(entry, { PRYX_EDGE_KEYS: '' });
    const nothing = await pryx('edge', 'rotate-key');
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain('next:');
    const file = localEdge(folder);
    writeFileSync(file, `{"signing":["${secret}"]}`);
    const broken = await pryx('edge', 'rotate-key');
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain('pair every device anew');
    expect(broken.stderr).not.toContain(secret);
    expect(readFileSync(file, 'utf8')).toBe(`{"signing":["${secret}"]}`);
  });
});

describe('pryx edge setup-code', () => {
  it('makes another code each time, and shows it where it is seen though it is piped on', async () => {
    const { pryx } = createHome(entry);
    const [one, other] = await Promise.all([pryx('edge', 'setup-code'), pryx('edge', 'setup-code')]);
    expect(one.code).toBe(0);
    expect(readCode(one.stdout.trim(), setupCodeLength)).toHaveLength(setupCodeLength);
    expect(one.stdout).toMatch(/^[A-Z]{5}(-[A-Z]{5}){3}\n$/);
    expect(one.stdout).not.toBe(other.stdout);
    expect(one.stderr).toContain(one.stdout.trim());
  });

  it('is one JSON document with --json', async () => {
    const { pryx } = createHome(entry);
    const { stdout } = await pryx('edge', 'setup-code', '--json');
    expect(readCode((JSON.parse(stdout) as { setup_code: string }).setup_code, setupCodeLength)).toHaveLength(
      setupCodeLength,
    );
  });
});
