/** Where somebody was going before signing in came between: one of our own pages, built anew from what was asked, never the text itself. */
import { groupCode, readCode, userCodeLength } from '../../../shared/pairing/user-code.ts';

export const home = '/account';
export const addPasskeyPath = '/account/passkeys/new';

/** Any text; what is no page of ours becomes the account page. */
export function readReturnPath(asked: string | null | undefined): string {
  if (asked === null || asked === undefined || !asked.startsWith('/') || !URL.canParse(asked, 'https://edge'))
    return home;
  const { pathname, searchParams, origin } = new URL(asked, 'https://edge');
  if (origin !== 'https://edge') return home;
  if (pathname === addPasskeyPath) return addPasskeyPath;
  if (pathname === '/pair') return pairPath(searchParams.get('user_code'));
  return home;
}

/** `/pair`, with the code when it can be one. */
export function pairPath(userCode: string | null): string {
  const code = readCode(userCode ?? '', userCodeLength);
  return code === undefined ? '/pair' : `/pair?user_code=${groupCode(code, 4)}`;
}

/** A gate on the way to `path`. */
export const gatePath = (gate: '/claim' | '/sign-in' | '/recover', path: string): string =>
  path === home ? gate : `${gate}?return=${encodeURIComponent(path)}`;
