/** `/claim`: the set-up code, then the first passkey, then the account with its recovery codes. */
import { PryxError } from '../../../shared/error.ts';
import { base64url } from 'jose';
import { seeOther } from '../../guard/answer.ts';
import { equalBytes } from '../../guard/equal-bytes.ts';
import { read } from '../../durable/answer.ts';
import { digestSetupCode } from '../setup-code.ts';
import { noVisit, sessionCookie } from './cookies.ts';
import { creationOptions } from './passkey-options.ts';
import { openVisit, readForm } from './read-form.ts';
import { problemIn, show, showVisit, tooLate } from './respond.ts';
import { gatePath, readReturnPath } from './return-path.ts';
import { viewClaim, viewFirstPasskey, viewRecoveryCodes } from './views/gates.ts';
import { newSession, type Visitor } from './visitor.ts';

export async function showClaim(visitor: Visitor): Promise<Response> {
  const returnPath = readReturnPath(visitor.c.req.query('return'));
  if (visitor.claimed && 'problem' in visitor.setupCode) return seeOther(gatePath('/sign-in', returnPath));
  claimableWith(visitor);
  return askForCode(visitor, returnPath);
}

export async function checkSetupCode(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const returnPath = readReturnPath(fields('return'));
  const expected = claimableWith(visitor);
  const visit = await openVisit(visitor, fields, 'claim-code');
  if (visit === undefined) return askForCode(visitor, returnPath, tooLate());
  const given = await digestSetupCode(fields('setup_code'));
  if (given === undefined || !equalBytes(base64url.decode(given), base64url.decode(expected)))
    return askForCode(visitor, returnPath, wrongCode());
  return askForPasskey(visitor, returnPath, expected);
}

export async function claimEdge(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const returnPath = readReturnPath(fields('return'));
  const expected = claimableWith(visitor);
  const visit = await openVisit(visitor, fields, 'claim');
  const [setupCode, userHandle] = visit?.about ?? [];
  // The code may have been changed on the Worker meanwhile.
  if (visit === undefined || userHandle === undefined || setupCode !== expected)
    return askForCode(visitor, returnPath, tooLate());
  const { token, session } = await newSession(visitor);
  const { origin, rpId, account, agent } = visitor;
  try {
    const ceremony = { challenge: visit.challenge, origin, rpId, credential: fields('credential') };
    const codes = await read(account.claim({ setupCode, userHandle, ceremony, passkeyName: agent, session }));
    return await show(visitor, viewRecoveryCodes({ codes, continuePath: returnPath, first: true }), {
      cookies: [sessionCookie(token), noVisit],
    });
  } catch (error) {
    const problem = problemIn(error);
    // Somebody else was faster with the same code.
    if (problem.code === 'conflict') throw problem;
    return askForPasskey(visitor, returnPath, expected, problem);
  }
}

/** Throws why the edge cannot be claimed. */
function claimableWith({ setupCode }: Visitor): string {
  if ('problem' in setupCode) throw setupCode.problem;
  return setupCode.digest;
}

function askForCode(visitor: Visitor, returnPath: string, problem?: PryxError): Promise<Response> {
  const view = (csrf: string) => viewClaim({ csrf, returnPath, anew: visitor.claimed, problem });
  return showVisit(visitor, visitor.visits.begin('claim-code'), view, problem);
}

function askForPasskey(
  visitor: Visitor,
  returnPath: string,
  setupCode: string,
  problem?: PryxError,
): Promise<Response> {
  const userHandle = base64url.encode(visitor.random.bytes(32));
  const visit = visitor.visits.begin('claim', [setupCode, userHandle]);
  return showVisit(
    visitor,
    visit,
    async (csrf) => {
      const options = await creationOptions(visitor, visit, { userHandle, known: [] });
      return viewFirstPasskey({ csrf, returnPath, options, problem });
    },
    problem,
  );
}

function wrongCode(): PryxError {
  return new PryxError('unauthorized', 'This is not the set-up code of this edge.', {
    hint: 'It has twenty letters in four groups of five. Compare each one.',
  });
}
