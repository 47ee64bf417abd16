/** Visits pages and sends forms as a browser does: cookies, redirects, and the headers by which a page knows where a request comes from. */
import { PryxError } from '../../../../shared/error.ts';
import { createCookieJar } from './cookie-jar.ts';
import { type Form, type Page, readPage } from './read-page.ts';
import type { Asked, Send } from './send.ts';

export interface Browser {
  /** As if the address was typed, or scanned. */
  visit(url: URL): Promise<Page>;
  /** As if a link on `from` was followed. */
  follow(from: Page, href: string): Promise<Page>;
  /** Fills in `values`, which may be only what the form has: text, checkboxes to tick, the button to press. */
  submit(from: Page, form: Form, values: Record<string, string>): Promise<Page>;
}

const maxRedirects = 10;

export function createBrowser(send: Send): Browser {
  const jar = createCookieJar();

  async function load(first: Pick<Asked, 'method' | 'url' | 'body'>, headers: Record<string, string>): Promise<Page> {
    let asked = first;
    let sent = headers;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const cookie = jar.headerFor(asked.url);
      const answer = await send({
        ...asked,
        headers: { ...navigation, ...sent, ...(cookie !== undefined && { cookie }) },
      });
      jar.keep(asked.url, answer.setCookie);
      if (answer.location === undefined || answer.status < 300 || answer.status > 399)
        return readPage(answer.body, {
          url: asked.url,
          status: answer.status,
          hidesOrigin: answer.referrerPolicy.includes('no-referrer'),
        });
      const url = new URL(answer.location, asked.url);
      if (url.origin !== first.url.origin)
        throw new PryxError('unavailable', `The page leads elsewhere, to ${url.origin}.`, {
          hint: 'Open it in a browser, and look whether it is your edge.',
        });
      asked = { method: 'GET', url };
      // What made the request is still the page that it began on.
      const { 'content-type': _form, origin: _origin, ...kept } = sent;
      sent = kept;
    }
    throw new PryxError('unavailable', 'The page leads in a circle.', { hint: 'Open it in a browser.' });
  }

  return {
    visit: (url) => load({ method: 'GET', url }, { 'sec-fetch-site': 'none' }),
    follow: (from, href) => load({ method: 'GET', url: new URL(href, from.url) }, { 'sec-fetch-site': 'same-origin' }),
    submit: async (from, form, values) =>
      load(
        { method: 'POST', url: new URL(form.action, from.url), body: encodeForm(form, values) },
        {
          'sec-fetch-site': 'same-origin',
          origin: from.hidesOrigin ? 'null' : from.url.origin,
          'content-type': 'application/x-www-form-urlencoded',
        },
      ),
  };
}

/** Of every navigation of a tab by its user. */
const navigation = {
  accept: 'text/html,application/xhtml+xml',
  'accept-language': 'en',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
  'upgrade-insecure-requests': '1',
  'user-agent': 'pryx-dev',
};

const chosen = ['checkbox', 'radio', 'submit', 'button', 'image', 'reset'];

/** What a form sends: every field, and of what can be chosen that which was. */
function encodeForm({ id, controls }: Form, values: Record<string, string>): string {
  for (const [name, value] of Object.entries(values)) {
    const offered = controls.some(
      (control) => control.name === name && (!chosen.includes(control.type) || control.value === value),
    );
    if (!offered)
      throw new PryxError('unavailable', `The form ${id} has no field ${name} that could be given.`, {
        hint: 'This Pryx and the edge may be of different versions: deploy the edge anew.',
      });
  }
  const sent = controls.flatMap(({ name, type, value }): [string, string][] => {
    const given = values[name];
    if (!chosen.includes(type)) return [[name, given ?? value]];
    return given === value ? [[name, value]] : [];
  });
  return new URLSearchParams(sent).toString();
}
