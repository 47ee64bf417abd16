/** The cookies of one site, kept and sent as a browser does (RFC 6265, section 5), as far as one host with one user needs it. */

export interface CookieJar {
  keep(url: URL, setCookie: readonly string[]): void;
  /** `undefined` when there is none to send. */
  headerFor(url: URL): string | undefined;
}

interface Cookie {
  value: string;
  path: string;
}

export function createCookieJar(): CookieJar {
  const jar = new Map<string, Cookie>();
  return {
    keep(url, lines) {
      for (const line of lines) {
        const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
        const name = pair.slice(0, pair.indexOf('='));
        const attributes = new Map(rest.map(readAttribute));
        if (attributes.has('secure') && !isTrustworthy(url)) continue;
        const path = attributes.get('path') ?? '/';
        // A prefix promises how the cookie was set; a browser drops it where that is not so (RFC 6265bis, section 4.1.3).
        if (name.startsWith('__Host-') && !(attributes.has('secure') && path === '/' && !attributes.has('domain')))
          continue;
        if (attributes.get('max-age') !== undefined && Number(attributes.get('max-age')) <= 0) jar.delete(name);
        else jar.set(name, { value: pair.slice(pair.indexOf('=') + 1), path });
      }
    },
    headerFor(url) {
      const sent = [...jar].filter(([, { path }]) => covers(path, url.pathname));
      return sent.length === 0 ? undefined : sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
    },
  };
}

function readAttribute(part: string): [string, string] {
  const [name = '', ...value] = part.split('=');
  return [name.toLowerCase(), value.join('=')];
}

/** Section 5.1.4. */
const covers = (path: string, asked: string): boolean =>
  asked === path || (asked.startsWith(path) && (path.endsWith('/') || asked[path.length] === '/'));

/** Browsers take this machine for as safe as https (Secure Contexts, section 3.1). */
const isTrustworthy = ({ protocol, hostname }: URL): boolean => protocol === 'https:' || hostname === 'localhost';
