/** What a limit counts by: never a secret, and nothing that a client has many of. */
import { expect, test } from 'vitest';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { addressKey, blockOf, hookKey } from '../../../workers/guard/limit-key.ts';
import { loadKeyring } from '../../../workers/keys/keyring.ts';
import { makeHook } from '../../../workers/telegram/hook-address.ts';

test('a client of IPv6 is its network of 64 bits, however it is spelled; one of IPv4 its address', () => {
  const one = addressKey('2001:db8:1:2:3:4:5:6');
  for (const same of ['2001:db8:1:2::1', '2001:DB8:1:2:ffff::', '2001:0db8:0001:0002::'])
    expect(addressKey(same)).toBe(one);
  for (const other of ['2001:db8:1:3::1', '2001:db8::1', '2001:db8::2:3', '::1', '1::', '192.0.2.7', 'local'])
    expect(addressKey(other)).not.toBe(one);
  expect(addressKey('2001:db8::1')).toBe(addressKey('2001:db8:0:0:ff::'));
  expect(addressKey('192.0.2.7')).toBe('192.0.2.7');
  expect(addressKey('::ffff:192.0.2.7')).toBe('::ffff:192.0.2.7');
  expect(addressKey('local')).toBe('local');
});

test('what is handed out as one block counts as one: 48 bits of IPv6, 24 of IPv4', () => {
  const block = (address: string): string => blockOf(addressKey(address));
  expect(block('2001:db8:1:2::1')).toBe(block('2001:DB8:1:ffff::9'));
  expect(block('2001:db8:1::')).not.toBe(block('2001:db8:2::'));
  expect(block('192.0.2.7')).toBe(block('192.0.2.255'));
  expect(block('192.0.2.7')).not.toBe(block('192.0.20.7'));
});

test('the address of a hook, which is as good as a password, is not what is counted by', async () => {
  const keyring = await loadKeyring(JSON.stringify(await generateEdgeKeys()));
  const hook = { deviceId: Buffer.alloc(32, 7).toString('base64url'), bot: '1' };
  expect(hookKey(hook)).not.toContain((await makeHook(keyring, hook)).slice(-21));
  expect(hookKey({ ...hook, bot: '2' })).not.toBe(hookKey(hook));
});
