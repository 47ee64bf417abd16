/** Answers of the pages, and who may have which. */
import { PryxError } from '../../../shared/error.ts';
import { seeOther } from '../../guard/answer.ts';
import { visitCsrf } from './read-form.ts';
import { gatePath } from './return-path.ts';
import { visitCookie } from './cookies.ts';
import type { Visit } from './visit.ts';
import type { View } from './views/view.ts';
import type { Visitor } from './visitor.ts';

interface Answered {
  status?: number;
  cookies?: readonly string[];
}

export const show = ({ frame, origin }: Visitor, view: View, answered: Answered = {}): Promise<Response> =>
  frame.answer(view, new URL(origin).host, answered);

/** A page whose forms belong to a visit, with the cookie that says so. */
export async function showVisit(
  visitor: Visitor,
  visit: Visit,
  view: (csrf: string) => View | Promise<View>,
  problem: PryxError | undefined,
): Promise<Response> {
  const csrf = await visitCsrf(visitor.keyring, visit);
  return show(visitor, await view(csrf), {
    status: problem === undefined ? 200 : 403,
    cookies: [visitCookie(await visitor.visits.seal(visit))],
  });
}

/** Enough for a page to be read and answered before the passkey has to be used again. */
const readingMs = 2 * 60 * 1000;

export type Owner = Visitor & { session: NonNullable<Visitor['session']> };

/** `look`: any session. `act`: one that a passkey began. `read`, `decide`: with a passkey used just now, and at `read` with time left to decide. */
type Need = 'look' | 'act' | 'read' | 'decide';

/** The owner, or the way to become it: `path` is where that leads back to. Throws `unauthorized` to who came by a recovery code and wants more. */
export function requireOwner(visitor: Visitor, need: Need, path: string): Owner | Response {
  const { session, claimed } = visitor;
  if (!claimed) return seeOther(gatePath('/claim', path));
  if (session === null) return seeOther(gatePath('/sign-in', path));
  if (need === 'look') return { ...visitor, session };
  if (session.recovered)
    throw new PryxError('unauthorized', 'With a recovery code you can look round, and add a passkey.', {
      hint: 'Add a passkey first; then everything is open to you.',
    });
  const left = need === 'read' ? readingMs : 0;
  if (need !== 'act' && session.freshMs <= left) return seeOther(gatePath('/sign-in', path));
  return { ...visitor, session };
}

/** What a page may say about an error; the rest is thrown on. */
export function problemIn(error: unknown): PryxError {
  if (
    error instanceof PryxError &&
    ['unauthorized', 'conflict', 'not_found', 'bad_request', 'bad_key'].includes(error.code)
  )
    return error;
  throw error;
}

export const tooLate = (): PryxError =>
  new PryxError('unauthorized', 'This page was open for too long, answered already, or opened in another tab.', {
    hint: 'Try again here.',
  });
