/** `/pair`: which device waits, and whether it may come in. Nothing is decided by opening a page. */
import { PryxError } from '../../../shared/error.ts';
import { groupCode, readCode, userCodeLength } from '../../../shared/pairing/user-code.ts';
import { read } from '../../durable/answer.ts';
import { seeOther } from '../../guard/answer.ts';
import type { PendingDevice } from '../desk/desk-api.ts';
import { checkCsrf, readForm, sessionCsrf } from './read-form.ts';
import { type Owner, requireOwner, show } from './respond.ts';
import { pairPath } from './return-path.ts';
import { viewApproved, viewDecision, viewDenied, viewEnterCode, viewGone } from './views/pair.ts';
import type { Visitor } from './visitor.ts';

export async function showPair(visitor: Visitor): Promise<Response> {
  const asked = visitor.c.req.query('user_code') ?? '';
  const owner = requireOwner(visitor, 'read', pairPath(asked));
  if (owner instanceof Response) return owner;
  const csrf = await sessionCsrf(owner);
  if (asked === '') return show(owner, viewEnterCode({ csrf }));
  const device = await findDevice(owner, asked);
  return device === undefined ? showGone(owner) : showDecision(owner, asked, device);
}

export async function enterCode(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const typed = fields('user_code');
  const owner = requireOwner(visitor, 'decide', pairPath(typed));
  if (owner instanceof Response) return owner;
  await checkCsrf(owner, fields);
  if (readCode(typed, userCodeLength) !== undefined) return seeOther(pairPath(typed));
  const csrf = await sessionCsrf(owner);
  const problem = new PryxError('bad_request', 'A code has eight letters, none of them a vowel.', {
    hint: 'Compare it with the one on your device.',
  });
  return show(owner, viewEnterCode({ csrf, problem }), { status: 400 });
}

export async function decide(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const userCode = fields('user_code');
  const owner = requireOwner(visitor, 'decide', pairPath(userCode));
  if (owner instanceof Response) return owner;
  await checkCsrf(owner, fields);
  const decision = fields('decision');
  if (decision !== 'approve' && decision !== 'deny')
    throw new PryxError('bad_request', 'Approve or deny: this was neither.');
  const device = await findDevice(owner, userCode);
  // What is decided about is what was shown, to the letter.
  if (device === undefined || device.pairingId !== fields('pairing_id') || device.deviceId !== fields('device_id'))
    return showGone(owner);
  const approve = decision === 'approve';
  if (approve && fields('words_match') !== 'yes') return showDecision(owner, userCode, device, wordsFirst());
  const { pairingId, deviceId } = device;
  if ((await read(owner.desk.decide({ pairingId, deviceId, approve }))) === 'gone') return showGone(owner);
  return show(owner, approve ? viewApproved(device.name) : viewDenied(device.name));
}

/** Counts each entry before the desk is asked, and takes back those that were right. */
async function findDevice({ account, desk, session }: Owner, typed: string): Promise<PendingDevice | undefined> {
  const code = readCode(typed, userCodeLength);
  if (code === undefined) return undefined;
  const entry = await read(account.enterCode({ session: session.digest }));
  const device = await read(desk.find(code));
  if (device !== undefined) await read(account.codeFound(entry));
  return device;
}

async function showGone(owner: Owner): Promise<Response> {
  const csrf = await sessionCsrf(owner);
  return show(owner, viewGone({ csrf }), { status: 404 });
}

async function showDecision(
  owner: Owner,
  typed: string,
  device: PendingDevice,
  problem?: PryxError,
): Promise<Response> {
  const csrf = await sessionCsrf(owner);
  const userCode = groupCode(readCode(typed, userCodeLength) ?? '', 4);
  const { network, now } = owner;
  const view = viewDecision({ csrf, userCode, device, network, now, problem });
  return show(owner, view, { status: problem === undefined ? 200 : 400 });
}

function wordsFirst(): PryxError {
  return new PryxError('bad_request', 'Compare the four words first.', {
    hint: 'Tick the box when your terminal shows the same. If it shows others, deny.',
  });
}
