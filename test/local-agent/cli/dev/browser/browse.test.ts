import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBrowser } from '../../../../../local-agent/cli/dev/browser/browse.ts';
import { sendHttp } from '../../../../../local-agent/cli/dev/browser/send.ts';

interface Asked {
  what: string;
  headers: Record<string, unknown>;
  body: string;
}

/** A site on 127.0.0.1, visited by its name `localhost`. */
async function site(answers: Record<string, { status?: number; headers?: Record<string, string>; body?: string }>) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const what = `${request.method} ${request.url}`;
      asked.push({ what, headers: request.headers, body });
      const { status = 200, headers = {}, body: html = '<main data-page="end"></main>' } = answers[what] ?? {};
      response.writeHead(status, headers).end(html);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { asked, origin, browser: createBrowser(sendHttp) };
}
const form =
  '<main data-page="form"><form id="f" action="/go"><input type="hidden" name="csrf" value="1"><input name="name"><input type="checkbox" name="tick" value="yes"><button name="press" value="a"></button><button name="press" value="b"></button></form></main>';

describe('the software browser', () => {
  it('says where a request comes from as a browser does: typed, from a form, followed', async () => {
    const { asked, origin, browser } = await site({
      'GET /form': { body: form },
      'POST /go': { status: 303, headers: { location: '/end', 'set-cookie': 's=1; Path=/' } },
    });
    const page = await browser.visit(new URL('/form', origin));
    const end = await browser.submit(page, page.forms[0] ?? expect.fail(), {
      name: 'Ada & co',
      tick: 'yes',
      press: 'b',
    });
    expect(end).toMatchObject({ name: 'end', status: 200, url: new URL('/end', origin) });
    await browser.follow(end, '/form');
    expect(
      asked.map(({ what, headers, body }) => ({
        what,
        body,
        site: headers['sec-fetch-site'],
        origin: headers['origin'],
        cookie: headers['cookie'],
      })),
    ).toEqual([
      { what: 'GET /form', body: '', site: 'none', origin: undefined, cookie: undefined },
      {
        what: 'POST /go',
        body: 'csrf=1&name=Ada+%26+co&tick=yes&press=b',
        site: 'same-origin',
        origin,
        cookie: undefined,
      },
      { what: 'GET /end', body: '', site: 'same-origin', origin: undefined, cookie: 's=1' },
      { what: 'GET /form', body: '', site: 'same-origin', origin: undefined, cookie: 's=1' },
    ]);
    expect(asked.every(({ headers }) => headers['host'] === new URL(origin).host)).toBe(true);
    expect(asked.every(({ headers }) => headers['sec-fetch-mode'] === 'navigate')).toBe(true);
  });

  it('hides its origin in a form of a page that wants no referrer, which a page must not trip over', async () => {
    const { asked, origin, browser } = await site({
      'GET /form': { body: form, headers: { 'referrer-policy': 'no-referrer' } },
    });
    const page = await browser.visit(new URL('/form', origin));
    await browser.submit(page, page.forms[0] ?? expect.fail(), {});
    expect(asked[1]).toMatchObject({ body: 'csrf=1&name=', headers: { origin: 'null' } });
  });

  it('can only give what the form has', async () => {
    const { asked, origin, browser } = await site({ 'GET /form': { body: form } });
    const page = await browser.visit(new URL('/form', origin));
    for (const values of [{ other: 'x' }, { press: 'c' }, { tick: 'no' }])
      await expect(browser.submit(page, page.forms[0] ?? expect.fail(), values)).rejects.toThrow('no field');
    expect(asked).toHaveLength(1);
  });

  it('goes to no other site, and in no circle', async () => {
    const { origin, browser } = await site({
      'GET /away': { status: 302, headers: { location: 'https://evil.example/' } },
      'GET /round': { status: 302, headers: { location: '/round' } },
    });
    await expect(browser.visit(new URL('/away', origin))).rejects.toThrow('evil.example');
    await expect(browser.visit(new URL('/round', origin))).rejects.toThrow('circle');
  });

  it('says that nobody is there', async () => {
    await expect(createBrowser(sendHttp).visit(new URL('http://localhost:1/'))).rejects.toMatchObject({
      code: 'edge_unreachable',
    });
  });
});
