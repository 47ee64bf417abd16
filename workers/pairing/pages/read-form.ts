/** What a form of ours sent. Three locks, each of which would do: where the browser says that it comes from, a mark over the cookie, and cookies that are `SameSite=Strict`. */
import { PryxError } from '../../../shared/error.ts';
import { readBoundedForm } from '../../guard/bounded-body.ts';
import { equalBytes } from '../../guard/equal-bytes.ts';
import { type Keyring, markText } from '../../keys/keyring.ts';
import type { PageCookies } from './cookies.ts';
import type { Purpose, Visit, Visits } from './visit.ts';

/** A passkey's answer is some kilobytes; one with a chain of certificates is the largest. */
const maxFormBytes = 64 * 1024;

export type Fields = (name: string) => string;

/** Throws `unauthorized` when the form may be another site's. A field that is not there is empty. */
export async function readForm(request: Request, origin: string): Promise<Fields> {
  const site = request.headers.get('sec-fetch-site');
  const from = request.headers.get('origin');
  // Every browser sends at least one of them with a form (Fetch, section 3.2; Fetch Metadata, section 2.3).
  const ours = from === null ? site === 'same-origin' : from === origin && (site ?? 'same-origin') === 'same-origin';
  if (!ours) throw foreign();
  const fields = await readBoundedForm(request, maxFormBytes);
  return (name) => fields.get(name) ?? '';
}

interface SignedIn {
  keyring: Keyring;
  session: { token: string };
}

/** What the hidden field `csrf` holds: only who has the cookie can have had the page. */
export const sessionCsrf = ({ keyring, session }: SignedIn): Promise<string> =>
  markText(keyring, 'csrf', `session ${session.token}`);
export const visitCsrf = (keyring: Keyring, { challenge }: Visit): Promise<string> =>
  markText(keyring, 'csrf', `visit ${challenge}`);

/** Throws `unauthorized`. */
export async function checkCsrf(owner: SignedIn, fields: Fields): Promise<void> {
  if (!holds(fields, await sessionCsrf(owner))) throw foreign();
}

/** The visit that a form was made for; `undefined` when it is over, and when another tab of this browser has begun one since. */
export async function openVisit(
  { keyring, visits, cookies }: { keyring: Keyring; visits: Visits; cookies: PageCookies },
  fields: Fields,
  purpose: Purpose,
): Promise<Visit | undefined> {
  const visit = await visits.open(cookies.visit, purpose);
  return visit !== undefined && holds(fields, await visitCsrf(keyring, visit)) ? visit : undefined;
}

function holds(fields: Fields, csrf: string): boolean {
  const text = new TextEncoder();
  return equalBytes(text.encode(fields('csrf')), text.encode(csrf));
}

function foreign(): PryxError {
  return new PryxError('unauthorized', 'This was not sent by a page of this edge, or by one that is too old.', {
    hint: 'Open the page again, and send it from there.',
  });
}
