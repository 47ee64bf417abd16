import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { edgeKeys } from '../../../shared/api/edge.ts';
import { bundle } from '../daemon/bundle.ts';
import { createHome } from './run-pryx.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));

describe('pryx edge', () => {
  it('makes keys that an edge takes, on standard output alone', async () => {
    const { pryx } = createHome(entry);
    const { code, stdout, stderr } = await pryx('edge', 'keygen');
    expect(code).toBe(0);
    const { hook } = edgeKeys.parse(JSON.parse(stdout));
    expect(stderr).not.toContain(hook);
  });

  it.each([
    [['--host', '0.0.0.0'], {}, '--host'],
    [['--port', '99999'], {}, '--port'],
    [[], { PRYX_EDGE_KEYS: '{"signing":"geheim"}' }, 'PRYX_EDGE_KEYS'],
    [[], { PRYX_SETUP_CODE: 'geheim' }, 'PRYX_SETUP_CODE'],
  ])('dev %j with %j does not start, and says what is wrong with it', async (args, env, named) => {
    const { pryx } = createHome(entry, { ...(env as Record<string, string>) });
    const { code, stderr } = await pryx('edge', 'dev', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
    expect(stderr).toContain('next:');
    expect(stderr).not.toContain('geheim');
  });
});
