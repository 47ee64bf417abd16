import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import { type OwnedEdge, countRows, startOwnedEdge } from './owned-edge.ts';

const code = (userCode: string): string => `/pair?user_code=${userCode}`;

describe('a new edge', () => {
  let edge: OwnedEdge;
  beforeAll(async () => {
    edge = await startOwnedEdge();
  });
  afterAll(() => edge.close());

  test('leads whoever comes to the claim, and remembers where they were going', async () => {
    const stranger = edge.stranger();
    const { userCode } = await edge.ask();
    for (const path of ['/', '/account', '/sign-in', '/recover', '/account/passkeys/new', '/pair', code(userCode)]) {
      const page = await stranger.visit(new URL(path, edge.pages));
      expect([path, page.name]).toEqual([path, 'claim']);
    }
    const page = await stranger.visit(new URL(code(userCode), edge.pages));
    expect(page.forms[0]?.controls.find(({ name }) => name === 'return')?.value).toBe(code(userCode));
  });

  test('is claimed by nobody who does not know the set-up code, and strangers leave no trace in it', async () => {
    const before = await countRows(edge);
    const stranger = edge.stranger();
    let page = await stranger.visit(new URL('/claim', edge.pages));
    const claim = () => page.forms[0] ?? expect.fail('no form');
    for (const setup_code of ['', 'BCDFG-HJKLM-NPQRS-TVWXX', 'BCDFG', 'x'.repeat(5000), 'aeiou']) {
      page = await stranger.submit(page, claim(), { setup_code });
      expect([page.name, page.status]).toEqual(['claim', 403]);
      expect(edge.last().main).toContain('not the set-up code');
    }
    const sneak = {
      ...claim(),
      action: '/claim/passkey',
      controls: [...claim().controls, { name: 'credential', type: 'hidden', value: '{}' }],
    };
    page = await stranger.submit(page, sneak, {});
    expect(page.name).toBe('claim');
    expect(await countRows(edge)).toEqual(before);
  });

  test('becomes its owner’s with set-up code and passkey, and leads on to the device that waits', async () => {
    const { userCode, deviceId } = await edge.ask();
    const owner = edge.owner();
    const page = await owner.open(code(userCode));
    expect(page.name).toBe('decide');
    for (const word of fingerprintWords(deviceId)) expect(edge.last().main).toContain(`<li>${word}</li>`);
    expect(edge.person().recovery_codes).toHaveLength(8);
    const answer = await edge.fetch('/claim', { redirect: 'manual' });
    expect([answer.status, (await edge.fetch('/claim')).url]).toEqual([303, `${edge.pages}/sign-in`]);
    const ready = await edge.fetch('/readyz');
    expect(await ready.json()).toMatchObject({ checks: { owner: { status: 'ok' } } });
  });
});

describe('an edge that nobody can claim', () => {
  test.each([
    ['without a set-up code', '', 'is not set'],
    ['with one that could be guessed', 'ZXWVT', 'is not one'],
    ['with one of other letters', 'ABCDE-FGHIJ-KLMNO-PQRST', 'is not one'],
  ])('%s says so, on the page and at /readyz', async (_title, PRYX_SETUP_CODE, message) => {
    const edge = await startOwnedEdge({ vars: { PRYX_SETUP_CODE } });
    try {
      const page = await edge.stranger().visit(new URL('/pair', edge.pages));
      expect([page.name, page.code, page.status]).toEqual(['error', 'unavailable', 503]);
      expect(edge.last().main).toContain(message);
      const ready = await edge.fetch('/readyz');
      expect(ready.status).toBe(503);
      const text = await ready.text();
      expect(text).toContain(message);
      if (PRYX_SETUP_CODE !== '') expect(text + edge.last().main).not.toContain(PRYX_SETUP_CODE);
      expect((await edge.fetch('/healthz')).status).toBe(200);
    } finally {
      await edge.close();
    }
  });
});
