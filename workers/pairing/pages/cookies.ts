/** The two cookies of the pages. `__Host-`: for this very host, and over TLS or on this machine alone (RFC 6265bis, section 4.1.3.2). */
import { sessionMs } from '../account/sessions.ts';
import { challengeMs } from '../account/spent-challenges.ts';

const session = '__Host-pryx-session';
const visit = '__Host-pryx-visit';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

export const sessionCookie = (token: string): string =>
  `${session}=${token}; ${attributes}; Max-Age=${sessionMs / 1000}`;
export const visitCookie = (sealed: string): string =>
  `${visit}=${sealed}; ${attributes}; Max-Age=${challengeMs / 1000}`;
export const noSession = `${session}=; ${attributes}; Max-Age=0`;
export const noVisit = `${visit}=; ${attributes}; Max-Age=0`;

export interface PageCookies {
  session: string | undefined;
  visit: string | undefined;
}

/** What could be ours of the `Cookie` header. */
export function readCookies(header: string | undefined): PageCookies {
  const given = new Map(
    (header ?? '').split(';').map((pair) => {
      const [name = '', ...value] = pair.trim().split('=');
      return [name, value.join('=')] as const;
    }),
  );
  const sealed = given.get(visit);
  const token = given.get(session);
  return {
    session: token !== undefined && /^[A-Za-z0-9_-]{43}$/.test(token) ? token : undefined,
    visit: sealed !== undefined && sealed.length <= 512 ? sealed : undefined,
  };
}
