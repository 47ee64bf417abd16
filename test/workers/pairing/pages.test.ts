import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import { type OwnedEdge, startOwnedEdge, tamper } from './owned-edge.ts';
import { checkPage } from './check-page.ts';

const code = (userCode: string): string => `/pair?user_code=${userCode}`;
const yes = { words_match: 'yes', decision: 'approve' };
/** What every table of the account holds, so that a change is seen. */
const tables = ['owner', 'passkey', 'session', 'recovery_code', 'spent', 'event', 'used_setup_code', 'code_entry'];

async function countRows(edge: OwnedEdge): Promise<unknown[]> {
  return Promise.all(tables.map((table) => edge.sql('Account', `select count(*) as n from ${table}`)));
}

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

describe('an edge with an owner', () => {
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
      expect((await two.submit(theirs, form, { credential: '{}' })).code).toBe('unauthorized');
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

  describe('a stranger', () => {
    test('learns nothing of which codes are live, or of who the owner is', async () => {
      const { userCode } = await edge.ask();
      const strip = (html: string) =>
        html
          .replaceAll(/[A-Za-z0-9_-]{22,43}(?=["&])/g, '…')
          .replaceAll(userCode, 'code')
          .replaceAll('BBBB-BBBB', 'code');
      const look = async (path: string) => {
        const page = await edge.stranger().visit(new URL(path, edge.pages));
        return { ...page, forms: [], url: '', html: strip(edge.last().main) };
      };
      expect(await look(code(userCode))).toEqual(await look(code('BBBB-BBBB')));
      expect(edge.last().main).not.toContain('allowCredentials');
      const { passkey } = edge.person();
      expect(edge.last().main).not.toContain(passkey?.id);
      expect(edge.last().main).not.toContain(passkey?.user_handle);
    });

    test('makes the account write nothing, however many pages it opens', async () => {
      const before = await countRows(edge);
      const stranger = edge.stranger();
      for (const path of ['/', '/claim', '/sign-in', '/recover', '/pair', code('BCDF-GHJK'), '/account']) {
        const page = await stranger.visit(new URL(path, edge.pages));
        const form = page.forms[0];
        if (form !== undefined) await stranger.submit(page, form, {});
      }
      expect(await countRows(edge)).toEqual(before);
    });

    test('with a made-up cookie is a stranger', async () => {
      for (const value of ['x'.repeat(43), '', "' or 1=1 --", 'x'.repeat(5000)]) {
        const answer = await fetch(`${edge.pages}/account`, {
          redirect: 'manual',
          headers: { cookie: `__Host-pryx-session=${value}` },
        });
        expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in']);
      }
    });

    test('cannot send an answer again that it overheard', async () => {
      let overheard: { body: string; cookie: string } | undefined;
      const victim = edge.owner((asked) => {
        if (asked.method === 'POST' && asked.url.pathname === '/sign-in')
          overheard = { body: asked.body ?? '', cookie: asked.headers['cookie'] ?? '' };
        return asked;
      });
      await victim.signIn();
      const answer = await fetch(`${edge.pages}/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          origin: edge.pages,
          'content-type': 'application/x-www-form-urlencoded',
          cookie: overheard?.cookie ?? '',
        },
        body: overheard?.body ?? '',
      });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('answered already');
      expect(answer.headers.getSetCookie().join()).not.toContain('__Host-pryx-session');
    });

    test('is led nowhere else after signing in', async () => {
      for (const asked of ['https://evil.example', '//evil.example', '/pair/../../x', 'javascript:alert(1)']) {
        const page = await edge.stranger().visit(new URL(`/sign-in?return=${encodeURIComponent(asked)}`, edge.pages));
        expect(page.forms[0]?.controls.find(({ name }) => name === 'return')?.value).toBe('/account');
      }
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

  describe('the account page', () => {
    const add = (id: string, name: string, state: string, because: string | null) =>
      edge.sql(
        'Account',
        `insert into device (id, name, platform, state, revoked_because, paired_at) values ('${id}', '${name}', 'Linux', '${state}', ${because === null ? 'null' : `'${because}'`}, 1)`,
      );
    const [one, two] = ['A'.repeat(43), 'E'.repeat(43)];

    test('shows every device with its words, and renames and revokes it', async () => {
      await add(one, 'attic', 'paired', null);
      await owner.open('/account');
      expect(edge.last().main).toContain('<bdi>attic</bdi>');
      expect(edge.last().main).toContain(fingerprintWords(one).join(' '));
      expect(edge.last().main).toContain('has not called yet');
      await owner.submit(await owner.open('/account'), `rename-${one}`, { name: ' cellar <b> ' });
      expect(edge.last().main).toContain('cellar &lt;b&gt;');
      await owner.revoke(one);
      expect(edge.last().main).toContain('The device is out');
      expect(await edge.sql('Account', `select state, revoked_because from device where id = '${one}'`)).toEqual([
        { state: 'revoked', revoked_because: 'owner' },
      ]);
    });

    test('cries out when a token was used twice', async () => {
      await add(two, 'server', 'revoked', 'token_reuse');
      await owner.open('/account');
      expect(edge.last().main).toMatch(/role="alert"><p><strong>Somebody may have a copy of a token of <bdi>server/);
      await owner.revoke(two);
      expect(edge.last().main).not.toContain('copy of a token');
    });

    test('says only what it knows was done', async () => {
      await owner.open('/account?done=passkey-removed');
      expect(edge.last().main).toContain('The passkey is removed');
      for (const done of ['constructor', '<b>', 'toString']) {
        await owner.open(`/account?done=${encodeURIComponent(done)}`);
        expect(edge.last().main).not.toContain('note good');
      }
    });

    test('refuses a form that it does not have', async () => {
      const page = await owner.open('/account');
      for (const change of ['', 'constructor', 'approve-device']) {
        const answer = await owner.submit(tamper(page, { change }), 'new-recovery-codes');
        expect([answer.name, answer.code]).toEqual(['error', 'bad_request']);
      }
    });
  });

  describe('recovering', () => {
    test('leads to a new passkey, and cannot approve, revoke or rename before there is one', async () => {
      const browser = edge.stranger();
      let page = await browser.visit(new URL('/recover', edge.pages));
      const wrong = await browser.submit(page, page.forms[0] ?? expect.fail(), {
        recovery_code: 'BBBB-BBBB-BBBB-BBBB',
      });
      expect([wrong.name, wrong.status]).toEqual(['recover', 403]);
      const recovery_code = edge.person().recovery_codes[0] ?? '';
      page = await browser.submit(wrong, wrong.forms[0] ?? expect.fail(), { recovery_code });
      expect(page.name).toBe('add-passkey');

      const { userCode } = await edge.ask();
      expect((await browser.visit(new URL(code(userCode), edge.pages))).code).toBe('unauthorized');
      const account = await browser.visit(new URL('/account', edge.pages));
      expect(account.forms.map(({ id }) => id)).toEqual(['sign-out']);
      const [form] = account.forms;
      for (const change of [
        'revoke-device',
        'rename-device',
        'rename-passkey',
        'remove-passkey',
        'new-recovery-codes',
      ]) {
        const sneak = {
          ...(form ?? expect.fail()),
          action: '/account',
          controls: [...(form?.controls ?? []), { name: 'change', type: 'hidden', value: change }],
        };
        expect([change, (await browser.submit(account, sneak, {})).code]).toEqual([change, 'unauthorized']);
      }
    });
  });

  test('signs out, and everywhere', async () => {
    const other = edge.owner();
    await other.signIn();
    await owner.signIn();
    const page = await owner.open('/account');
    expect((await owner.submit(page, 'sign-out')).name).toBe('signed-out');
    expect(await edge.sql('Account', 'select count(*) as n from session')).not.toEqual([{ n: 0 }]);
    const again = edge.owner();
    expect((await again.submit(await again.open('/account'), 'sign-out-everywhere')).name).toBe('signed-out');
    expect(await edge.sql('Account', 'select count(*) as n from session')).toEqual([{ n: 0 }]);
  });
});

describe('every page', () => {
  test('stands by itself, is never kept, and can be read, typed and heard', async () => {
    const edge = await startOwnedEdge();
    try {
      const seen = new Map<string, string[]>();
      const check = (name: string) => {
        const { html, headers } = edge.last();
        expect(headers['cache-control']).toBe('no-store');
        expect(headers['x-frame-options']).toBe('DENY');
        expect(headers['referrer-policy']).toBe('same-origin');
        const policy = headers['content-security-policy'] ?? '';
        expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src '(none|sha256-[^']+)';/);
        expect(policy).toContain("form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        expect(policy).not.toContain('unsafe');
        seen.set(name, checkPage(html));
      };
      const owner = edge.owner((asked) => asked, check);
      const first = await edge.ask();
      await owner.open(code(first.userCode));
      await owner.approve({ userCode: first.userCode });
      await owner.deny({ userCode: (await edge.ask()).userCode });
      await edge.owner((asked) => asked, check).signIn();
      for (const path of [
        '/account',
        '/account?done=recovered',
        '/pair',
        code('BBBB-BBBB'),
        '/account/passkeys/new',
        '/recover',
      ])
        await owner.open(path);
      await owner.submit(await owner.open('/pair'), 'enter-code', { user_code: 'x' });
      await owner.submit(tamper(await owner.open('/account'), { csrf: '' }), 'sign-out-everywhere');
      await owner.submit(await owner.open('/account'), 'new-recovery-codes');
      await owner.submit(await owner.open('/account'), 'sign-out');
      expect([...seen.keys()].sort()).toEqual([
        'account',
        'add-passkey',
        'approved',
        'claim',
        'create-passkey',
        'decide',
        'denied',
        'enter-code',
        'error',
        'gone',
        'recover',
        'recovery-codes',
        'sign-in',
        'signed-out',
      ]);
      for (const [name, faults] of seen) expect([name, faults]).toEqual([name, []]);
    } finally {
      await edge.close();
    }
  });
});
