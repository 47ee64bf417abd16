/** The keys of an edge, and which secrets are refused. */
import { describe, expect, test } from 'vitest';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { rotateKeys } from '../../../local-agent/cli/edge/rotate-keys.ts';
import type { EdgeKeys } from '../../../shared/api/edge.ts';
import { sign, verify } from '../../../shared/wire/signature.ts';
import { loadKeyring, markText } from '../../../workers/keys/keyring.ts';

const first = await generateEdgeKeys();
const second = await generateEdgeKeys();
const load = (keys: EdgeKeys) => loadKeyring(JSON.stringify(keys));

describe('a keyring', () => {
  test('signs with its first key and knows them all', async () => {
    const keyring = await load({ ...first, signing: [...first.signing, ...second.signing] });
    expect(keyring.jwks.keys).toHaveLength(2);
    expect(keyring.jwks.keys[0]?.kid).toBe(keyring.kid);
    const jws = await sign(keyring.signKey, keyring.kid, 'test', new Uint8Array([1]));
    expect(await verify(jws, 'test', (kid) => keyring.findKey(kid))).toMatchObject({ ok: true });
    expect(keyring.findKey('unknown')).toBeUndefined();
  });

  test('has the statements by which older keys introduced newer ones, in their order', async () => {
    const once = (await rotateKeys(first, { retire: false, now: 0 })).keys;
    const twice = (await rotateKeys(once, { retire: true, now: 0 })).keys;
    expect(await load(first)).toMatchObject({ statements: [], jwks: { statement: 0 } });
    expect(await load(twice)).toMatchObject({ statements: twice.statements, jwks: { statement: 2 } });
    expect(twice.statements).toHaveLength(2);
  });

  test('publishes no private part', async () => {
    const published = JSON.stringify((await load(first)).jwks);
    expect(published).not.toContain(first.signing[0]?.d);
    expect(published).not.toContain(first.hook);
  });

  test('marks the same text differently for each use and each edge', async () => {
    const [mine, other] = [await load(first), await load(second)];
    const marks = [
      await markText(mine, 'user', '42'),
      await markText(mine, 'chat', '42'),
      await markText(mine, 'hook', '42'),
      await markText(other, 'user', '42'),
    ];
    expect(new Set(marks).size).toBe(4);
    expect(marks[0]).toBe(await markText(mine, 'user', '42'));
    expect(marks[0]).toMatch(/^[\w-]{22}$/);
  });

  test('is refused, without a word of what it held, when the secret is unusable', async () => {
    const key = first.signing[0];
    if (key === undefined) throw new Error('no key');
    const unusable: (string | undefined)[] = [
      undefined,
      '',
      'not JSON',
      '{}',
      JSON.stringify({ ...first, signing: [] }),
      JSON.stringify({ ...first, hook: 'short' }),
      JSON.stringify({ ...first, hook: '*'.repeat(43) }),
      JSON.stringify({ ...first, more: 1 }),
      JSON.stringify({ ...first, statements: ['a.b.c'] }),
      JSON.stringify({ ...first, statements: Array.from({ length: 17 }, () => 'a.b.c') }),
      // Halves of two keys.
      JSON.stringify({ ...first, signing: [{ ...key, d: second.signing[0]?.d }] }),
      // The neutral point: everything would verify under it.
      JSON.stringify({ ...first, signing: [{ ...key, x: `AQ${'A'.repeat(41)}` }] }),
    ];
    for (const secret of unusable) {
      const error = await loadKeyring(secret).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'unavailable', hint: expect.stringContaining('pryx edge keygen') });
      expect(String(error)).not.toContain(key.d);
    }
  });
});
