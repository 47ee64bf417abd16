/** Who asks for a page, and everything the page needs to answer: made once a request, before any page is thought of. */
import type { Context } from 'hono';
import { base64url } from 'jose';
import { PryxError } from '../../../shared/error.ts';
import type { Remote } from '../../durable/answer.ts';
import { read } from '../../durable/answer.ts';
import type { Clock, Random } from '../../durable/ports.ts';
import { type EdgeContext, readOrigin } from '../../environment.ts';
import { digestText } from '../../guard/equal-bytes.ts';
import { networkOf } from '../../guard/limit-key.ts';
import type { Keyring } from '../../keys/keyring.ts';
import type { AccountCore } from '../account/account-api.ts';
import { askAccount } from '../account/ask-account.ts';
import type { NewSession } from '../account/owner-api.ts';
import type { SessionView } from '../account/sessions.ts';
import type { DeskCore } from '../desk/desk-api.ts';
import { askDesk } from '../desk/ask-desk.ts';
import { pageOrigin } from '../../../shared/pairing/page-origin.ts';
import { readSetupCode } from '../setup-code.ts';
import { type PageCookies, readCookies } from './cookies.ts';
import { describeBrowser } from './describe-browser.ts';
import type { PageFrame } from './views/view.ts';
import { type Visits, createVisits } from './visit.ts';

export interface Visitor {
  c: Context<EdgeContext>;
  keyring: Keyring;
  /** Milliseconds since the epoch. */
  now: number;
  random: Random;
  /** Of the pages; its host name is the relying party id. */
  origin: string;
  rpId: string;
  account: Remote<AccountCore>;
  desk: Remote<DeskCore>;
  frame: PageFrame;
  cookies: PageCookies;
  visits: Visits;
  claimed: boolean;
  /** What the edge can be claimed with, now. */
  setupCode: { digest: string } | { problem: PryxError };
  session: (SessionView & { digest: string; token: string }) | null;
  /** The visitor's browser, in words. */
  agent: string;
  /** As `Place.network` (workers/pairing/desk/desk-api.ts). */
  network: string | null;
}

export interface PageDeps {
  clock: Clock;
  random: Random;
  frame: PageFrame;
}

export async function meetVisitor(c: Context<EdgeContext>, { clock, random, frame }: PageDeps): Promise<Visitor> {
  const origin = pageOrigin(readOrigin(c.env, c.req.url));
  const { keyring } = c.var;
  const now = clock.now();
  const cookies = readCookies(c.req.header('cookie'));
  const account = askAccount(c.env);
  const digest = cookies.session === undefined ? null : await digestToken(cookies.session);
  const setupCode = await findSetupCode(c);
  const asked = { session: digest, setupCode: 'digest' in setupCode ? setupCode.digest : null };
  const { claimed, codeUsed, session } = await read(account.look(asked));
  return {
    c,
    keyring,
    now,
    random,
    origin,
    rpId: new URL(origin).hostname,
    account,
    desk: askDesk(c.env),
    frame,
    cookies,
    visits: createVisits({ keyring, random, now }),
    claimed,
    setupCode: codeUsed ? { problem: usedCode() } : setupCode,
    session: session === null || digest === null ? null : { ...session, digest, token: cookies.session ?? '' },
    agent: describeBrowser(c.req.header('user-agent')),
    network: networkOf(c.req.raw.headers),
  };
}

async function findSetupCode(c: Context<EdgeContext>): Promise<Visitor['setupCode']> {
  try {
    return { digest: await readSetupCode(c.env) };
  } catch (error) {
    if (error instanceof PryxError) return { problem: error };
    throw error;
  }
}

function usedCode(): PryxError {
  return new PryxError('conflict', 'This edge was claimed with its set-up code already.', {
    hint: 'Sign in. Who lost every passkey and recovery code sets a new PRYX_SETUP_CODE on the Worker and claims it anew.',
  });
}

/** A session to be: what the cookie will hold, and what the account keeps of it. */
export async function newSession({ random, agent }: Visitor): Promise<{ token: string; session: NewSession }> {
  const token = base64url.encode(random.bytes(32));
  return { token, session: { digest: await digestToken(token), agent } };
}

const digestToken = async (token: string): Promise<string> => base64url.encode(await digestText(token));
