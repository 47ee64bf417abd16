import { describe, expect, test } from 'vitest';
import type { Browser } from '../../../local-agent/cli/dev/browser/browse.ts';
import type { Page } from '../../../local-agent/cli/dev/browser/read-page.ts';
import { type Algorithm, type Authenticator, createAuthenticator } from './authenticator.ts';
import { checkPage } from './check-page.ts';
import { setupCode } from '../support/edge.ts';
import { startOwnedEdge, tamper } from './owned-edge.ts';

const code = (userCode: string): string => `/pair?user_code=${userCode}`;

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

describe('passkeys in the runtime of the edge', () => {
  /** What a page asks an authenticator for. */
  const optionsOf = (page: Page) =>
    JSON.parse(page.forms[0]?.passkey?.options ?? '{}') as { challenge: string; user: { id: string } };
  const submit = (browser: Browser, page: Page, values: Record<string, string>): Promise<Page> =>
    browser.submit(page, page.forms[0] ?? expect.fail(`${page.name} has no form`), values);

  test('are made and used with each algorithm, at this very address, and asked for as they have to be', async () => {
    const edge = await startOwnedEdge();
    try {
      const there = { origin: edge.pages, rpId: 'localhost' };
      const visit = (browser: Browser, path: string) => browser.visit(new URL(path, edge.pages));
      const create = async (page: Page, authenticator: Authenticator): Promise<Page> => {
        const { challenge, user } = optionsOf(page);
        const { credential } = authenticator.create({ challenge, userHandle: user.id }, there);
        return submit(browser, page, { credential });
      };
      const algorithms: Algorithm[] = ['ES256', 'EdDSA', 'RS256'];
      const authenticators = algorithms.map((algorithm) => createAuthenticator(algorithm));
      const [first = createAuthenticator(), ...others] = authenticators;

      const browser = edge.stranger();
      const claiming = await submit(browser, await visit(browser, '/claim'), { setup_code: setupCode });
      expect(optionsOf(claiming)).toMatchObject({
        rp: { id: 'localhost', name: 'Pryx' },
        pubKeyCredParams: [{ alg: -8 }, { alg: -7 }, { alg: -257 }],
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        attestation: 'none',
        excludeCredentials: [],
      });
      expect((await create(claiming, first)).name).toBe('recovery-codes');
      for (const authenticator of others) {
        const adding = await visit(browser, '/account/passkeys/new');
        expect(optionsOf(adding)).toMatchObject({
          user: { id: optionsOf(claiming).user.id },
          excludeCredentials: expect.arrayContaining([expect.objectContaining({ id: first.id })]),
        });
        expect((await create(adding, authenticator)).name).toBe('account');
      }

      for (const authenticator of authenticators) {
        const another = edge.stranger();
        const signing = await visit(another, '/sign-in');
        expect(optionsOf(signing)).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
        expect(optionsOf(signing)).not.toHaveProperty('allowCredentials');
        const elsewhere = authenticator.use(optionsOf(signing).challenge, { ...there, origin: 'http://localhost' });
        const refused = await submit(another, signing, { credential: elsewhere.credential });
        expect([refused.name, refused.status]).toEqual(['sign-in', 403]);
        const { credential } = authenticator.use(optionsOf(refused).challenge, there);
        expect((await submit(another, refused, { credential })).name).toBe('account');
      }
    } finally {
      await edge.close();
    }
  });
});

describe('where pages are', () => {
  test('is a name: whoever comes by an address of this machine is led there, and forms are not taken', async () => {
    const edge = await startOwnedEdge();
    try {
      const answer = await edge.fetch(code('BCDF-GHJK'), { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `${edge.pages}${code('BCDF-GHJK')}`]);
      const post = await edge.fetch('/claim', {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: edge.origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: `setup_code=${setupCode}`,
      });
      expect(post.status).toBe(401);
      const cookies = (await fetch(`${edge.pages}/claim`)).headers.getSetCookie();
      expect(cookies).toEqual([
        expect.stringMatching(/^__Host-pryx-visit=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=300$/),
      ]);
      for (const [path, method, allow] of [
        ['/claim', 'DELETE', 'GET, POST'],
        ['/', 'POST', 'GET'],
      ] as const) {
        const refused = await fetch(`${edge.pages}${path}`, { method });
        expect([path, refused.status, refused.headers.get('allow')]).toEqual([path, 405, allow]);
      }
    } finally {
      await edge.close();
    }
  });

  test('is the address that is set, however the edge was reached', async () => {
    const edge = await startOwnedEdge({ vars: { PRYX_EDGE_ORIGIN: 'https://edge.example.com' } });
    try {
      const answer = await edge.fetch('/pair', { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, 'https://edge.example.com/pair']);
    } finally {
      await edge.close();
    }
  });
});

describe('two tabs of one browser', () => {
  test('are no dead end: the first shows its form again, and still knows where it was going', async () => {
    const edge = await startOwnedEdge();
    try {
      const browser = edge.stranger();
      const going = code((await edge.ask()).userCode);
      const tab = (path: string) => browser.visit(new URL(path, edge.pages));
      const send = (page: Page, values = {}) =>
        browser.submit(page, page.forms[0] ?? expect.fail(`${page.name} has no form`), values);
      const again = async (page: Page, values = {}) => {
        const shown = await send(page, values);
        const back = shown.forms[0]?.controls.find(({ name }) => name === 'return')?.value;
        return [shown.name, shown.status, back];
      };
      const claiming = await tab(going);
      await tab(going);
      expect(await again(claiming, { setup_code: setupCode })).toEqual(['claim', 403, going]);
      const creating = await send(await tab(going), { setup_code: setupCode });
      await send(await tab(going), { setup_code: setupCode });
      expect(await again(creating, { credential: '{}' })).toEqual(['claim', 403, going]);
      await edge.owner().claim();
      for (const [name, path] of [
        ['sign-in', going],
        ['recover', `/recover?return=${encodeURIComponent(going)}`],
      ] as const) {
        const first = await tab(path);
        await tab(path);
        expect(await again(first)).toEqual([name, 403, going]);
      }
    } finally {
      await edge.close();
    }
  });
});

describe('an address that guesses', () => {
  test('is told to wait, wherever there is something to guess, and may still look', async () => {
    const edge = await startOwnedEdge({ pairingLimit: 3 });
    try {
      for (const path of ['/claim', '/claim/passkey', '/sign-in', '/recover', '/pair']) {
        const post = () => fetch(`${edge.pages}${path}`, { method: 'POST', headers: { origin: edge.pages } });
        let answer = await post();
        // Counts begin anew with each minute.
        while (answer.status !== 429) answer = await post();
        expect(answer.headers.get('retry-after')).toBe('60');
        expect(await answer.text()).toContain('data-code="rate_limited"');
      }
      expect((await fetch(`${edge.pages}/claim`)).status).toBe(200);
    } finally {
      await edge.close();
    }
  });
});
