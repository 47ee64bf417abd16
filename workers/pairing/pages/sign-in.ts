/** `/sign-in`, `/recover` and the ways out. */
import type { PryxError } from '../../../shared/error.ts';
import { read } from '../../durable/answer.ts';
import { seeOther } from '../../guard/answer.ts';
import { noSession, noVisit, sessionCookie } from './cookies.ts';
import { requestOptions } from './passkey-options.ts';
import { checkCsrf, openVisit, readForm } from './read-form.ts';
import { problemIn, requireOwner, show, showVisit, tooLate } from './respond.ts';
import { addPasskeyPath, gatePath, home, readReturnPath } from './return-path.ts';
import { viewRecover, viewSignIn, viewSignedOut } from './views/gates.ts';
import { type Visitor, newSession } from './visitor.ts';

export async function showSignIn(visitor: Visitor): Promise<Response> {
  const returnPath = readReturnPath(visitor.c.req.query('return'));
  if (!visitor.claimed) return seeOther(gatePath('/claim', returnPath));
  return askForPasskey(visitor, returnPath);
}

export async function signIn(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const returnPath = readReturnPath(fields('return'));
  const visit = await openVisit(visitor, fields, 'sign-in');
  if (visit === undefined) return askForPasskey(visitor, returnPath, tooLate());
  const { origin, rpId, account } = visitor;
  const { token, session } = await newSession(visitor);
  try {
    const ceremony = { challenge: visit.challenge, origin, rpId, credential: fields('credential') };
    await read(account.signIn({ ceremony, session, before: visitor.session?.digest ?? null }));
  } catch (error) {
    return askForPasskey(visitor, returnPath, problemIn(error));
  }
  return seeOther(returnPath, [sessionCookie(token), noVisit]);
}

function askForPasskey(visitor: Visitor, returnPath: string, problem?: PryxError): Promise<Response> {
  const visit = visitor.visits.begin('sign-in');
  return showVisit(
    visitor,
    visit,
    async (csrf) =>
      viewSignIn({
        csrf,
        returnPath,
        options: await requestOptions(visitor, visit),
        again: visitor.session !== null && !visitor.session.recovered,
        problem,
      }),
    problem,
  );
}

export async function showRecover(visitor: Visitor): Promise<Response> {
  const returnPath = readReturnPath(visitor.c.req.query('return'));
  if (!visitor.claimed) return seeOther(gatePath('/claim', returnPath));
  return askForRecoveryCode(visitor, returnPath);
}

export async function recover(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const returnPath = readReturnPath(fields('return'));
  const visit = await openVisit(visitor, fields, 'recover');
  if (visit === undefined) return askForRecoveryCode(visitor, returnPath, tooLate());
  const { token, session } = await newSession(visitor);
  try {
    await read(visitor.account.recover({ code: fields('recovery_code'), session }));
  } catch (error) {
    return askForRecoveryCode(visitor, returnPath, problemIn(error));
  }
  // The one thing to do now; where they were going needs the passkey first.
  return seeOther(addPasskeyPath, [sessionCookie(token), noVisit]);
}

function askForRecoveryCode(visitor: Visitor, returnPath: string, problem?: PryxError): Promise<Response> {
  const view = (csrf: string) => viewRecover({ csrf, returnPath, problem });
  return showVisit(visitor, visitor.visits.begin('recover'), view, problem);
}

/** Of this browser; who is signed out already is so again. */
export async function signOut(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  if (visitor.session !== null) {
    await checkCsrf({ ...visitor, session: visitor.session }, fields);
    await read(visitor.account.signOut({ session: visitor.session.digest }));
  }
  return show(visitor, viewSignedOut({ everywhere: false }), { cookies: [noSession, noVisit] });
}

export async function signOutEverywhere(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const owner = requireOwner(visitor, 'act', home);
  if (owner instanceof Response) return owner;
  await checkCsrf(owner, fields);
  await read(owner.account.signOutEverywhere({ session: owner.session.digest }));
  return show(owner, viewSignedOut({ everywhere: true }), { cookies: [noSession, noVisit] });
}
