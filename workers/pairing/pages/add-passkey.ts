/** `/account/passkeys/new`: one more passkey, or the first after a recovery. */
import type { PryxError } from '../../../shared/error.ts';
import { read } from '../../durable/answer.ts';
import { seeOther } from '../../guard/answer.ts';
import { noVisit, sessionCookie, visitCookie } from './cookies.ts';
import { creationOptions } from './passkey-options.ts';
import { checkCsrf, readForm, sessionCsrf } from './read-form.ts';
import { type Owner, problemIn, requireOwner, show, tooLate } from './respond.ts';
import { addPasskeyPath, home } from './return-path.ts';
import { viewAddPasskey } from './views/add-passkey.ts';
import { type Visitor, newSession } from './visitor.ts';

export async function showAddPasskey(visitor: Visitor): Promise<Response> {
  const owner = requireOwner(visitor, needOf(visitor, 'read'), addPasskeyPath);
  return owner instanceof Response ? owner : askForPasskey(owner);
}

export async function addPasskey(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const owner = requireOwner(visitor, needOf(visitor, 'decide'), addPasskeyPath);
  if (owner instanceof Response) return owner;
  await checkCsrf(owner, fields);
  const visit = await owner.visits.open(owner.cookies.visit, 'add-passkey');
  if (visit === undefined || visit.about[0] !== owner.session.digest) return askForPasskey(owner, tooLate());
  const { account, origin, rpId, agent } = owner;
  const { token, session: renewed } = await newSession(owner);
  try {
    const ceremony = { challenge: visit.challenge, origin, rpId, credential: fields('credential') };
    await read(account.addPasskey({ session: owner.session.digest, renewed, ceremony, name: agent }));
  } catch (error) {
    return askForPasskey(owner, problemIn(error));
  }
  const done = owner.session.recovered ? 'recovered' : 'passkey-added';
  return seeOther(`${home}?done=${done}`, [sessionCookie(token), noVisit]);
}

/** Who came by a recovery code has no passkey to use again. */
const needOf = ({ session }: Visitor, need: 'read' | 'decide') => (session?.recovered === true ? 'look' : need);

async function askForPasskey(owner: Owner, problem?: PryxError): Promise<Response> {
  const { account, visits, session } = owner;
  const visit = visits.begin('add-passkey', [session.digest]);
  const options = await creationOptions(owner, visit, await read(account.beforePasskey({ session: session.digest })));
  const csrf = await sessionCsrf(owner);
  const view = viewAddPasskey({ csrf, options, recovered: session.recovered, problem });
  return show(owner, view, {
    status: problem === undefined ? 200 : 403,
    cookies: [visitCookie(await visits.seal(visit))],
  });
}
