/** Sealing as the edge does it, opened as the device does. */
import { decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import { generateSealingKey, importOpenKey, open } from '../../../shared/wire/seal.ts';
import { createBodySealer, maxAgeMs, maxBodies } from '../../../workers/keys/seal-bodies.ts';

async function recipient() {
  const { d, ...jwk } = await generateSealingKey();
  return { text: JSON.stringify(jwk), key: await importOpenKey({ ...jwk, d }) };
}
const bytes = (text: string) => new TextEncoder().encode(text);
const ephemeral = (sealed: string) => JSON.stringify(decodeProtectedHeader(sealed).epk);

describe('a sealed body', () => {
  test('opens with the key of its device, byte for byte, and with no other', async () => {
    const [mine, other] = [await recipient(), await recipient()];
    const sealer = createBodySealer({ now: () => 0 });
    for (const body of [new Uint8Array(), bytes('hello'), crypto.getRandomValues(new Uint8Array(65_536))]) {
      const sealed = await sealer.seal(mine.text, body);
      expect(await open(mine.key, sealed)).toEqual(body);
      await expect(open(other.key, sealed)).rejects.toMatchObject({ code: 'bad_job' });
    }
  });

  test('has the header that the wire asks for, and nothing else', async () => {
    const sealed = await createBodySealer({ now: () => 0 }).seal((await recipient()).text, bytes('x'));
    expect(decodeProtectedHeader(sealed)).toEqual({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      epk: { kty: 'OKP', crv: 'X25519', x: expect.stringMatching(/^[\w-]{43}$/) },
    });
  });

  test('never shares an initialisation vector, nor its bytes, with another', async () => {
    const mine = await recipient();
    const sealer = createBodySealer({ now: () => 0 });
    const sealed = await Promise.all(Array.from({ length: 200 }, () => sealer.seal(mine.text, bytes('the same'))));
    const parts = sealed.map((text) => text.split('.'));
    expect(new Set(parts.map(([header, , iv]) => `${header}.${iv}`)).size).toBe(200);
    expect(new Set(parts.map(([, , , text]) => text)).size).toBe(200);
  });
});

describe('a key agreement', () => {
  test('ends after so many bodies, after so long, and with another recipient', async () => {
    const [mine, other] = [await recipient(), await recipient()];
    let now = 0;
    const sealer = createBodySealer({ now: () => now });
    const next = async (to = mine) => ephemeral(await sealer.seal(to.text, bytes('x')));

    const first = await next();
    for (let body = 1; body < maxBodies; body += 1) expect(await next()).toBe(first);
    const second = await next();
    expect(second).not.toBe(first);
    now += maxAgeMs;
    expect(await next()).toBe(second);
    now += 1;
    const third = await next();
    expect(third).not.toBe(second);
    const theirs = await next(other);
    expect(theirs).not.toBe(third);
    expect(await next()).not.toBe(third);
  });

  test('is refused with a small-order or malformed key', async () => {
    const sealer = createBodySealer({ now: () => 0 });
    for (const x of ['A'.repeat(43), `AQ${'A'.repeat(41)}`, 'short', '*'.repeat(43)]) {
      const key = JSON.stringify({ kty: 'OKP', crv: 'X25519', x });
      await expect(sealer.seal(key, bytes('x'))).rejects.toMatchObject({ code: 'bad_key' });
    }
  });

  test('that failed is not remembered', async () => {
    const mine = await recipient();
    const sealer = createBodySealer({ now: () => 0 });
    await expect(sealer.seal('{}', bytes('x'))).rejects.toMatchObject({ code: 'bad_key' });
    expect(await open(mine.key, await sealer.seal(mine.text, bytes('x')))).toEqual(bytes('x'));
  });
});
