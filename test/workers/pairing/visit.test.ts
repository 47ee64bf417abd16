import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { loadKeyring } from '../../../workers/keys/keyring.ts';
import { type Visit, createVisits } from '../../../workers/pairing/pages/visit.ts';

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const ring = async () => loadKeyring(JSON.stringify(await generateEdgeKeys()));
const keyring = await ring();
const start = Date.UTC(2026, 10, 20);
const at = (now: number, keys = keyring) => createVisits({ keyring: keys, random, now });

describe('the challenge that a visitor keeps', () => {
  test('comes back as it was, with whom it is for', async () => {
    const visit = at(start).begin('claim', ['digest', 'handle']);
    expect(visit.challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await at(start).open(await at(start).seal(visit), 'claim')).toEqual(visit);
  });

  test('is good for five minutes', async () => {
    const sealed = await at(start).seal(at(start).begin('sign-in'));
    expect(await at(start + 5 * 60_000 - 1).open(sealed, 'sign-in')).toBeDefined();
    expect(await at(start + 5 * 60_000).open(sealed, 'sign-in')).toBeUndefined();
  });

  test('is of no use for anything else than it was made for', async () => {
    const sealed = await at(start).seal(at(start).begin('claim-code'));
    for (const purpose of ['claim', 'sign-in', 'recover', 'add-passkey'] as const)
      expect(await at(start).open(sealed, purpose)).toBeUndefined();
  });

  test('cannot be made up or changed, and is none of another edge', async () => {
    const visit: Visit = at(start).begin('claim', ['digest']);
    const sealed = await at(start).seal(visit);
    const bad = [
      undefined,
      '',
      '.',
      'claim',
      sealed.slice(0, -1),
      sealed.replace('claim', 'sign-in'),
      sealed.replace(String(visit.expiresAt), String(visit.expiresAt + 60_000)),
      sealed.replace('digest', 'other'),
      `${sealed.slice(0, sealed.lastIndexOf('.'))}.`,
      await at(start, await ring()).seal(visit),
    ];
    for (const text of bad) {
      expect(await at(start).open(text, 'claim')).toBeUndefined();
      expect(await at(start).open(text, 'sign-in')).toBeUndefined();
    }
  });
});
