import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import { type OwnedEdge, countRows, startOwnedEdge, tamper } from './owned-edge.ts';

const code = (userCode: string): string => `/pair?user_code=${userCode}`;

describe('an edge with an owner', () => {
  let edge: OwnedEdge;
  let owner: SoftwareOwner;
  beforeAll(async () => {
    edge = await startOwnedEdge();
    owner = edge.owner();
    await owner.claim();
  });
  afterAll(() => edge.close());

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
