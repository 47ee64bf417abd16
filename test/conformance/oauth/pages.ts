/** The pages where the owner decides, as far as the documents speak of them: RFC 8628, sections 3.3, 5.4 and 6.1; RFC 9700, sections 2.1, 2.6 and 4. */
import { describe, expect, it } from 'vitest';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import type { Seen } from './browsing.ts';
import { expectError } from './expect-error.ts';
import { type Answer, postForm, send } from './http.ts';
import type { World } from './world.ts';

export function describePages(world: () => World): void {
  const page = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    send({ method: 'GET', url: `${world().pages}${path}`, headers: { accept: 'text/html', ...headers } });
  /** As the owner's browser saw it last. */
  const lastSeen = (): Seen => world().seen.at(-1) ?? expect.fail('no page was seen');

  describe('verification pages', () => {
    it('RFC 8628 §3.3: the owner goes to the verification URI, signs in, types the code, and then decides', async () => {
      const client = await world().client();
      const codes = await client.codes();
      const asked = await world().owner.open(new URL(codes.verification_uri).pathname);
      expect(asked.forms.map(({ id }) => id)).toContain('enter-code');
      const shown = await world().owner.submit(asked, 'enter-code', { user_code: codes.user_code });
      expect(shown.forms.map(({ id }) => id)).toContain('decide');
      const end = await world().owner.submit(shown, 'decide', { words_match: 'yes', decision: 'approve' });
      expect(end.name).toBe('approved');
      expect(visibleText(lastSeen())).toContain('Go back to your terminal');
      expect((await client.redeem(codes.device_code)).token_type).toBe('DPoP');
    });

    it('RFC 8628 §6.1: case, spaces and punctuation of a typed code do not matter', async () => {
      const client = await world().client();
      const { user_code: code } = await client.codes();
      const letters = code.replace('-', '');
      for (const typed of [letters, code.toLowerCase(), ` ${letters.slice(0, 3)} ${letters.slice(3)} `, `${code}.`]) {
        const asked = await world().owner.open('/pair');
        const shown = await world().owner.submit(asked, 'enter-code', { user_code: typed });
        expect(
          shown.forms.map(({ id }) => id),
          typed,
        ).toContain('decide');
      }
    });

    it('RFC 8628 §3.3: the owner may refuse', async () => {
      const client = await world().client();
      const { device_code: deviceCode, user_code: userCode } = await client.codes();
      await world().owner.deny({ userCode });
      expectError(await client.poll(deviceCode), 'access_denied');
    });

    it('RFC 8628 §3.3.1: by the complete URI nothing is typed, but the code is shown to be compared, and nothing is decided yet', async () => {
      const client = await world().client();
      const codes = await client.codes();
      const { pathname, search } = new URL(codes.verification_uri_complete);
      const shown = await world().owner.open(`${pathname}${search}`);
      expect(shown.forms.map(({ id }) => id)).toContain('decide');
      expect(visibleText(lastSeen())).toContain(codes.user_code);
      expectError(await client.poll(codes.device_code), 'authorization_pending');
    });

    it('RFC 8628 §5.4: the page says which device it is, by name, platform and key, and asks whether one has it at hand', async () => {
      const client = await world().client();
      const fields = client.authorization({ device_name: 'Kitchen Raspberry', device_platform: 'linux arm64' });
      const { user_code: code } = (await client.authorize(fields)).body as { user_code: string };
      const shown = await world().owner.open(`/pair?user_code=${code}`);
      for (const text of ['Kitchen Raspberry', 'linux arm64', ...fingerprintWords(client.id)])
        expect(visibleText(lastSeen())).toContain(text);
      const decide = shown.forms.find(({ id }) => id === 'decide');
      expect(decide?.controls).toContainEqual({ name: 'words_match', type: 'checkbox', value: 'yes' });
      const unread = await world().owner.submit(shown, 'decide', { decision: 'approve' });
      expect(unread.name).not.toBe('approved');
    });

    it('RFC 8628 §3.3: who is not signed in sees nothing of a pairing', async () => {
      const fields = (await world().client()).authorization({ device_name: 'Seen by nobody' });
      const { user_code: code } = (await (await world().client()).authorize(fields)).body as { user_code: string };
      const [known, unknown] = [
        await follow(page(`/pair?user_code=${code}`)),
        await follow(page('/pair?user_code=BCDF-GHJK')),
      ];
      expect(known.text).not.toContain('Seen by nobody');
      expect(known.status).toBe(unknown.status);
    });

    it('RFC 8628 §3.3: without TLS no page asks for a code or a passkey, but on this machine itself', async () => {
      for (const path of ['/pair', '/claim', '/sign-in', '/recover', '/account']) {
        const answer = await page(path, { host: 'edge.example' });
        expect({ path, asks: answer.text.includes('<form') }).toEqual({ path, asks: false });
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    });

    it('RFC 6749 §10.12: a decision is not taken from another site, nor without what the form carries, nor from another browser', async () => {
      const client = await world().client();
      const { device_code: deviceCode, user_code: userCode } = await client.codes();
      const shown = await world().owner.open(`/pair?user_code=${userCode}`);
      const { cookie = '' } = lastSeen();
      const form = shown.forms.find(({ id }) => id === 'decide') ?? expect.fail('no form');
      const hidden = Object.fromEntries(
        form.controls.filter(({ type }) => type === 'hidden').map(({ name, value }) => [name, value]),
      );
      const own = { origin: world().pages, cookie };
      const decide = (headers: Record<string, string>, change: Record<string, string> = {}): Promise<Answer> =>
        postForm(
          new URL(form.action, world().pages).href,
          { ...hidden, words_match: 'yes', decision: 'approve', ...change },
          headers,
        );
      for (const [headers, change] of [
        [{ ...own, origin: 'https://attacker.example' }],
        [{ ...own, origin: 'null' }],
        [{ cookie }],
        [{ ...own, 'sec-fetch-site': 'cross-site', origin: 'https://attacker.example' }],
        [{ origin: world().pages }],
        [own, { csrf: '' }],
        [own, { csrf: 'x'.repeat(hidden['csrf']?.length ?? 22) }],
      ] as [Record<string, string>, Record<string, string>?][]) {
        await decide(headers, change);
        const { body } = await client.poll(deviceCode);
        expect(['authorization_pending', 'slow_down']).toContain(body['error']);
      }
      await decide(own);
      expect((await client.redeem(deviceCode)).token_type).toBe('DPoP');
    });

    it('RFC 9700 §4.16: no page can be framed', async () => {
      await world().owner.open('/pair');
      expect(world().seen.length).toBeGreaterThan(3);
      for (const { headers } of [...world().seen, await page('/pair'), await page('/nothing-here')]) {
        expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
        expect(headers['x-frame-options']).toBe('DENY');
      }
    });

    it('RFC 9700 §4.2.4: a page loads nothing from elsewhere, leads nowhere else, and tells nobody where one was', async () => {
      const { user_code: code } = await (await world().client()).codes();
      await world().owner.open(`/pair?user_code=${code}`);
      for (const { text, headers } of world().seen.filter(({ headers }) => headers['content-type']?.includes('html'))) {
        const addresses = [...text.matchAll(/(?:src|href|action|srcset|data)="([^"]*)"/g)].map(
          ([, address = '']) => address,
        );
        for (const address of addresses)
          expect(
            /^(data|pryx):/.test(address) || new URL(address, world().pages).origin === world().pages,
            address,
          ).toBe(true);
        expect(['no-referrer', 'same-origin']).toContain(headers['referrer-policy']);
        expect(headers['cache-control']).toContain('no-store');
      }
    });

    it('RFC 9700 §4.12: after a form the browser is sent on with 303, never with 307 or 308', async () => {
      const { user_code: userCode } = await (await world().client()).codes();
      await world().owner.approve({ userCode });
      const redirects = world().seen.filter(({ status }) => status >= 300 && status < 400);
      expect(redirects.length).toBeGreaterThan(0);
      for (const { method, status } of redirects) expect(method === 'POST' ? [303] : [302, 303]).toContain(status);
    });

    it('RFC 9700 §4.11.2: nobody is sent to another site, before signing in or after it', async () => {
      const elsewhere = [
        'https://attacker.example/',
        '//attacker.example',
        '/\\attacker.example',
        'javascript:alert(1)',
      ];
      for (const next of elsewhere) {
        for (const name of ['return', 'next', 'redirect_uri']) {
          for (const path of ['/pair', '/sign-in', '/claim', '/recover', '/account']) {
            const answer = await page(`${path}?${name}=${encodeURIComponent(next)}`);
            expect(new URL(answer.headers.location ?? '/', world().pages).origin).toBe(world().pages);
            expect(answer.text).not.toContain('attacker.example');
          }
        }
        const account = await world().owner.open('/account');
        await world().owner.submit(account, 'sign-out');
        world().meddle = ({ url, body }) =>
          url.pathname === '/sign-in' ? body?.replace(/return=[^&]*/, `return=${encodeURIComponent(next)}`) : body;
        const before = world().seen.length;
        await world().owner.open('/pair');
        world().meddle = undefined;
        const signedIn = world()
          .seen.slice(before)
          .find(({ method }) => method === 'POST');
        expect(signedIn?.status).toBe(303);
        expect(new URL(signedIn?.headers.location ?? '', world().pages).origin).toBe(world().pages);
      }
    });

    it('RFC 9700 §2.6: pages are not for scripts of other origins', async () => {
      const origin = 'https://attacker.example';
      for (const path of ['/pair', '/account']) {
        expect((await page(path, { origin })).headers['access-control-allow-origin']).toBeUndefined();
        const asked = await send({
          method: 'OPTIONS',
          url: `${world().pages}${path}`,
          headers: { origin, 'access-control-request-method': 'POST' },
        });
        expect(asked.headers['access-control-allow-origin']).toBeUndefined();
      }
    });
  });

  async function follow(first: Promise<Answer>): Promise<Answer> {
    const answer = await first;
    const { location } = answer.headers;
    return location === undefined ? answer : page(location.replace(world().pages, ''));
  }
}

/** What a person reads: neither tags, nor what stands in hidden fields. */
const visibleText = ({ text }: Answer): string =>
  text.replaceAll(/<(script|style|title)\b.*?<\/\1>/gs, '').replaceAll(/<[^>]*>/g, ' ');
