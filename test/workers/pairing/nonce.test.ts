/** Nonces of the token endpoint: an HMAC of the time, and nothing to remember (RFC 9449, section 8). */
import { expect, test } from 'vitest';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { loadKeyring, markText } from '../../../workers/keys/keyring.ts';
import { isGoodNonce, nonceWindowMs, presentNonce } from '../../../workers/pairing/nonce.ts';

const keyring = await loadKeyring(JSON.stringify(await generateEdgeKeys()));
const start = 1_800_000_000_000 - (1_800_000_000_000 % nonceWindowMs);

test('a nonce is good until the window after its own ends, and not before its own begins', async () => {
  const nonce = await presentNonce(keyring, start);
  expect(await presentNonce(keyring, start + nonceWindowMs - 1)).toBe(nonce);
  for (const at of [start, start + nonceWindowMs, start + 2 * nonceWindowMs - 1])
    expect(await isGoodNonce(keyring, nonce, at)).toBe(true);
  for (const at of [start - 1, start + 2 * nonceWindowMs, start + 315_360_000_000])
    expect(await isGoodNonce(keyring, nonce, at)).toBe(false);
});

test('a nonce of another edge, or a mark of another use, is none', async () => {
  const other = await loadKeyring(JSON.stringify(await generateEdgeKeys()));
  expect(await isGoodNonce(keyring, await presentNonce(other, start), start)).toBe(false);
  const mark = await markText(keyring, 'csrf', String(start / nonceWindowMs));
  expect(await isGoodNonce(keyring, mark, start)).toBe(false);
  expect(await isGoodNonce(keyring, '', start)).toBe(false);
});
