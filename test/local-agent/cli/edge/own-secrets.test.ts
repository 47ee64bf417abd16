import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateEdgeKeys } from '../../../../local-agent/cli/edge/generate-keys.ts';
import { readEdgeKeys, readSetupCode } from '../../../../local-agent/cli/edge/own-secrets.ts';
import { temporaryFolder } from '../../store/temporary-folder.ts';

describe('an edge on this machine', () => {
  it('makes keys and set-up code at its first start, for its user alone, and keeps them', async () => {
    const folder = join(temporaryFolder(), 'edge');
    const [keys, code] = [await readEdgeKeys(folder, {}), await readSetupCode(folder, {})];
    expect(code).toMatch(/^([B-DF-HJ-NP-TV-XZ]{5}-){3}[B-DF-HJ-NP-TV-XZ]{5}$/);
    expect(await readEdgeKeys(folder, {})).toEqual(keys);
    expect(await readSetupCode(folder, {})).toBe(code);
    for (const file of ['keys.json', 'setup-code']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('that is started twice at once has one pair of keys and one code', async () => {
    const folder = join(temporaryFolder(), 'edge');
    const keys = await Promise.all([1, 2, 3, 4].map(() => readEdgeKeys(folder, {})));
    expect(new Set(keys.map((each) => JSON.stringify(each))).size).toBe(1);
    const codes = await Promise.all([1, 2, 3, 4].map(() => readSetupCode(folder, {})));
    expect(new Set(codes).size).toBe(1);
  });

  it('takes what the environment says instead, and writes nothing', async () => {
    const folder = join(temporaryFolder(), 'edge');
    const keys = await generateEdgeKeys();
    expect(await readEdgeKeys(folder, { PRYX_EDGE_KEYS: JSON.stringify(keys) })).toEqual(keys);
    const code = 'bcdfg hjklm npqrs tvwxz';
    expect(await readSetupCode(folder, { PRYX_SETUP_CODE: code })).toBe(code);
    expect(() => readFileSync(join(folder, 'keys.json'))).toThrow('ENOENT');
  });

  it('says which file or variable is wrong, and never what is in it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'keys.json'), '{"hook":"geheim"}');
    writeFileSync(join(folder, 'setup-code'), 'geheim');
    for (const refused of [
      readEdgeKeys(folder, {}),
      readSetupCode(folder, {}),
      readSetupCode(folder, { PRYX_SETUP_CODE: 'BCDFG-HJKLM-NPQRS-TVWX' }),
    ]) {
      const error: unknown = await refused.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'config_invalid' });
      expect(String(error)).toMatch(/keys\.json|setup-code|PRYX_SETUP_CODE/);
      expect(String(error)).not.toMatch(/geheim|HJKLM/);
    }
  });
});
