import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';
import { checkPage } from './check-page.ts';
import { type OwnedEdge, startOwnedEdge, tamper } from './owned-edge.ts';

const code = (userCode: string): string => `/pair?user_code=${userCode}`;
const yes = { words_match: 'yes', decision: 'approve' };

describe('deciding about a device', () => {
  let edge: OwnedEdge;
  let owner: SoftwareOwner;
  beforeAll(async () => {
    edge = await startOwnedEdge();
    owner = edge.owner();
    await owner.claim();
  });
  afterAll(() => edge.close());

  const pairingState = async (deviceId: string) =>
    (await edge.sql('Desk', `select state from pairing where device = '${deviceId}'`))[0]?.['state'];

  describe('decisions', () => {
    test('approve the device that was shown', async () => {
      const { userCode, deviceId } = await edge.ask();
      await owner.approve({ userCode });
      expect(await pairingState(deviceId)).toBe('approved');
      expect(edge.last().main).toContain('href="pryx://pair/done"');
    });

    test('deny without ticking anything', async () => {
      const { userCode, deviceId } = await edge.ask();
      await owner.deny({ userCode });
      expect(await pairingState(deviceId)).toBe('denied');
    });

    test('approve nothing before the words were compared, and nothing by following a link', async () => {
      const { userCode, deviceId } = await edge.ask();
      const page = await owner.open(`${code(userCode)}&words_match=yes&decision=approve`);
      expect(page.forms.flatMap(({ controls }) => controls).find(({ name }) => name === 'words_match')).toMatchObject({
        type: 'checkbox',
      });
      expect(edge.last().main).not.toContain('checked');
      const again = await owner.submit(page, 'decide', { decision: 'approve' });
      expect([again.name, again.status]).toEqual(['decide', 400]);
      expect(edge.last().main).toContain('Compare the four words first');
      const query = new URLSearchParams({ ...yes, user_code: userCode }).toString();
      expect((await owner.open(`/pair/decide?${query}`)).name).toBe('enter-code');
      expect(await pairingState(deviceId)).toBe('pending');
    });

    test('that were made once are not made again', async () => {
      const { userCode, deviceId } = await edge.ask();
      const page = await owner.open(code(userCode));
      const outcomes = await Promise.all([0, 1].map(() => owner.submit(page, 'decide', yes)));
      expect(outcomes.map(({ name }) => name).sort()).toEqual(['approved', 'gone']);
      expect((await owner.submit(page, 'decide', { decision: 'deny' })).name).toBe('gone');
      expect(await pairingState(deviceId)).toBe('approved');
    });

    test('about another device than was shown are void', async () => {
      const mine = await edge.ask();
      const theirs = await edge.ask({ device_name: 'theirs' });
      const page = await owner.open(code(mine.userCode));
      const [id] = await edge.sql('Desk', `select id from pairing where device = '${theirs.deviceId}'`);
      const swapped = [
        { device_id: theirs.deviceId },
        { pairing_id: String(id?.['id']) },
        { pairing_id: String(id?.['id']), device_id: theirs.deviceId },
        { user_code: theirs.userCode },
      ];
      for (const values of swapped) expect((await owner.submit(tamper(page, values), 'decide', yes)).name).toBe('gone');
      expect([await pairingState(mine.deviceId), await pairingState(theirs.deviceId)]).toEqual(['pending', 'pending']);
    });

    test('come too late once the code has expired', async () => {
      const { userCode, deviceId } = await edge.ask();
      const page = await owner.open(code(userCode));
      await edge.sql('Desk', `update pairing set expires_at = 1 where device = '${deviceId}'`);
      expect((await owner.submit(page, 'decide', yes)).name).toBe('gone');
      expect((await owner.open(code(userCode))).name).toBe('gone');
    });

    test('show where the device asked from, and warn when that is another network', async () => {
      const { userCode } = await edge.ask({}, { 'cf-connecting-ip': '203.0.113.9' });
      const at = (ip: string) =>
        edge.owner((asked) => ({ ...asked, headers: { ...asked.headers, 'cf-connecting-ip': ip } }));
      await at('198.51.100.7').open(code(userCode));
      expect(edge.last().main).toContain('203.0.113.9');
      expect(edge.last().main).toContain('another network than you');
      expect(edge.last().main).toContain('Nobody but you should have sent you here');
      await at('203.0.113.9').open(code(userCode));
      expect(edge.last().main).not.toContain('another network than you');
      expect(edge.last().main).toContain('Nobody but you should have sent you here');
    });

    test('need a passkey that was used just now, by the page and by what it sends', async () => {
      const { userCode, deviceId } = await edge.ask();
      owner = edge.owner();
      const page = await owner.open(code(userCode));
      await edge.sql('Account', 'update session set verified_at = verified_at - 300000');
      const asked = await owner.submit(page, 'decide', yes);
      expect([asked.name, asked.url.searchParams.get('return')]).toEqual(['sign-in', code(userCode)]);
      expect(edge.last().main).toContain('Confirm that it is you');
      expect(await pairingState(deviceId)).toBe('pending');
      const back = await owner.submit(asked, 'sign-in');
      expect(back.name).toBe('decide');
      expect((await owner.submit(back, 'decide', yes)).name).toBe('approved');
    });
  });

  describe('names from a device', () => {
    test('run nothing, turn nothing round and break nothing', async () => {
      const names = [
        '<script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "');alert(1);//",
        'a\u202Eb\u2066c',
        'x'.repeat(1000),
      ];
      for (const device_name of names) {
        const { userCode } = await edge.ask({ device_name, device_platform: device_name });
        await owner.open(code(userCode));
        const { html, main } = edge.last();
        expect(main).not.toMatch(/<script>alert|<img src=x|[\u202A-\u202E\u2066-\u2069]|x{65}/);
        expect(checkPage(html)).toEqual([]);
        await owner.approve({ userCode });
        expect(edge.last().main).not.toMatch(/<script>alert|<img src=x/);
      }
    });
  });

  describe('forms', () => {
    const decidePage = async () => {
      const asked = await edge.ask();
      return { ...asked, page: await owner.open(code(asked.userCode)) };
    };

    test('that another site sends are refused, whatever it knows', async () => {
      const says: Record<string, string>[] = [
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        { origin: 'https://evil.example' },
        { origin: 'null', 'sec-fetch-site': 'cross-site' },
        { origin: 'null' },
        { origin: edge.pages, 'sec-fetch-site': 'cross-site' },
        { origin: edge.origin },
        { 'sec-fetch-site': 'same-site' },
        {},
      ];
      for (const headers of says) {
        let lie = false;
        const victim = edge.owner((asked) => {
          if (asked.method === 'GET' || !lie) return asked;
          const { origin: _origin, 'sec-fetch-site': _site, ...rest } = asked.headers;
          return { ...asked, headers: { ...rest, ...headers } };
        });
        const { userCode, deviceId } = await edge.ask();
        const page = await victim.open(code(userCode));
        lie = true;
        const answer = await victim.submit(page, 'decide', yes);
        expect([headers, answer.name, answer.code]).toEqual([headers, 'error', 'unauthorized']);
        expect(await pairingState(deviceId)).toBe('pending');
      }
    });

    test('need the token of their own session', async () => {
      const { page, deviceId } = await decidePage();
      const other = edge.owner();
      await other.signIn();
      const csrf = (await other.open('/pair')).forms[0]?.controls.find(({ name }) => name === 'csrf')?.value ?? '';
      for (const forged of ['', 'x', csrf]) {
        const answer = await owner.submit(tamper(page, { csrf: forged }), 'decide', yes);
        expect([answer.name, answer.code]).toEqual(['error', 'unauthorized']);
      }
      expect(await pairingState(deviceId)).toBe('pending');
      for (const [id, path] of [
        ['sign-out-everywhere', '/account'],
        ['new-recovery-codes', '/account'],
      ] as const) {
        const answer = await owner.submit(tamper(await owner.open(path), { csrf }), id);
        expect([id, answer.name]).toEqual([id, 'error']);
      }
      await owner.signIn();
    });

    test('of signing in need the visit that they were made for: nobody is signed in as somebody else', async () => {
      const [one, two] = [edge.stranger(), edge.stranger()];
      const theirs = await one.visit(new URL('/sign-in', edge.pages));
      await two.visit(new URL('/sign-in', edge.pages));
      const form = theirs.forms[0] ?? expect.fail('no form');
      const refused = await two.submit(theirs, form, { credential: '{}' });
      expect([refused.name, refused.status]).toEqual(['sign-in', 403]);
      expect(edge.last().main).toContain('open for too long, answered already, or opened in another tab');
      expect((await edge.stranger().submit(theirs, form, { credential: '{}' })).name).toBe('sign-in');
    });

    test('are forms, and of a size', async () => {
      const post = (body: string, type: string) =>
        edge.fetch('/pair/decide', {
          method: 'POST',
          headers: { origin: edge.pages, 'content-type': type, host: new URL(edge.pages).host },
          body,
        });
      expect((await post('{}', 'application/json')).status).toBe(415);
      expect((await post('a=b', 'text/plain')).status).toBe(415);
      expect((await post('x'.repeat(70_000), 'application/x-www-form-urlencoded')).status).toBe(413);
    });
  });

  describe('codes that nobody waits with', () => {
    test('may be entered five times; then the owner is told how long to wait, also for a right one', async () => {
      const { userCode } = await edge.ask();
      await edge.sql('Account', 'delete from code_entry');
      for (let tries = 0; tries < 5; tries += 1) {
        const page = await owner.open(code('BBBB-BBBB'));
        expect([page.name, page.status]).toEqual(['gone', 404]);
      }
      for (const tried of ['BBBB-BBBB', userCode]) {
        const page = await owner.open(code(tried));
        expect([page.name, page.code, page.status]).toEqual(['error', 'rate_limited', 429]);
        expect(edge.last().main).toContain('Wait 10 minutes');
      }
      await edge.sql('Account', 'delete from code_entry');
      expect((await owner.open(code(userCode))).name).toBe('decide');
    });

    test('do not count when they cannot be codes', async () => {
      const page = await owner.open('/pair');
      for (const user_code of ['', 'aeiou', 'x'.repeat(200)]) {
        const answer = await owner.submit(page, 'enter-code', { user_code });
        expect([answer.name, answer.status]).toEqual(['enter-code', 400]);
      }
      expect(await edge.sql('Account', 'select * from code_entry')).toEqual([]);
    });
  });
});
