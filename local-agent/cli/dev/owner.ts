/**
 * An owner in software: claims an edge, signs in and decides over devices by the same pages and forms as a person with a phone
 * (decision 053). `pryx dev` has one for its own edge; so have the tests.
 */
import * as z from 'zod';
import { PryxError } from '../../../shared/error.ts';
import { pageOrigin } from '../../../shared/pairing/page-origin.ts';
import { createBrowser } from './browser/browse.ts';
import type { Form, Page } from './browser/read-page.ts';
import { type Send, sendHttp } from './browser/send.ts';
import { createPasskey, creationOptions, requestOptions, storedPasskey, usePasskey } from './software-passkey.ts';

export const ownerState = z.object({
  passkey: storedPasskey.nullable(),
  recovery_codes: z.array(z.string()),
});
export type OwnerState = z.infer<typeof ownerState>;

export interface OwnerDeps {
  /** Origin of the edge, as devices know it. */
  edge: string;
  /** Claims the edge when nobody has. */
  setupCode?: string;
  /** Default: an owner without a passkey. */
  state?: OwnerState;
  /** Called with each change, and before the edge hears of it: a passkey that was lost cannot be made again. */
  keep?: (state: OwnerState) => void;
  send?: Send;
}

export interface SoftwareOwner {
  state(): OwnerState;
  /** Goes to a page, and claims the edge or signs in on the way when that is asked. */
  open(path: string): Promise<Page>;
  /** Sends one form of a page, by its id, with a passkey when the form wants one. */
  submit(page: Page, formId: string, values?: Record<string, string>): Promise<Page>;
  /** No error when the edge is claimed by this passkey already. */
  claim(): Promise<void>;
  signIn(): Promise<void>;
  approve(pairing: { userCode: string }): Promise<void>;
  deny(pairing: { userCode: string }): Promise<void>;
  revoke(deviceId: string): Promise<void>;
}

/** Every method throws `unavailable` when a page comes that is not the one to be expected, with the page and its code. */
export function createSoftwareOwner(deps: OwnerDeps): SoftwareOwner {
  const browser = createBrowser(deps.send ?? sendHttp);
  const origin = pageOrigin(deps.edge);
  let state: OwnerState = deps.state ?? { passkey: null, recovery_codes: [] };
  const change = (next: Partial<OwnerState>): void => {
    state = { ...state, ...next };
    deps.keep?.(state);
  };

  /** The answer of the authenticator, into the form's hidden field. */
  function askPasskey({ passkey: wanted }: Form): Record<string, string> {
    if (wanted === null) return {};
    const options: unknown = JSON.parse(wanted.options);
    if (wanted.call === 'get' && state.passkey === null)
      throw new PryxError('unauthorized', 'The edge belongs to somebody with a passkey, and there is none here.', {
        hint: 'Approve on the device that has it.',
      });
    const { credential, passkey } =
      wanted.call === 'create' || state.passkey === null
        ? createPasskey(creationOptions.parse(options), origin)
        : usePasskey(state.passkey, requestOptions.parse(options), origin);
    change({ passkey });
    return { credential: JSON.stringify(credential) };
  }

  async function submit(page: Page, formId: string, values: Record<string, string> = {}): Promise<Page> {
    const form = page.forms.find(({ id }) => id === formId) ?? unexpected(page, `with the form ${formId}`);
    return browser.submit(page, form, { ...askPasskey(form), ...values });
  }

  /** Whatever stands between a stranger and the page that was asked for. Each comes at most once. */
  async function passGates(first: Page): Promise<Page> {
    let page = first;
    for (const gate of ['claim', 'create-passkey', 'sign-in'] as const) {
      if (!page.forms.some(({ id }) => id === gate)) continue;
      if (gate === 'claim' && deps.setupCode === undefined) return unexpected(page, 'of a claimed edge');
      page = await submit(page, gate, gate === 'claim' ? { setup_code: deps.setupCode ?? '' } : {});
      if (page.name === 'recovery-codes') {
        change({ recovery_codes: page.recoveryCodes });
        page = await browser.follow(page, page.links['continue'] ?? unexpected(page, 'with a way on'));
      }
    }
    return page;
  }

  async function open(path: string): Promise<Page> {
    return passGates(await browser.visit(new URL(path, origin)));
  }

  async function decide(userCode: string, decision: 'approve' | 'deny', end: string): Promise<void> {
    const page = await open(`/pair?user_code=${encodeURIComponent(userCode)}`);
    const approval = { words_match: 'yes', decision };
    const last = await submit(page, 'decide', decision === 'approve' ? approval : { decision });
    if (last.name !== end) unexpected(last, `that says ${end}`);
  }

  async function signIn(): Promise<void> {
    const page = await open('/pair');
    if (!page.forms.some(({ id }) => id === 'enter-code')) unexpected(page, 'where a code can be entered');
  }

  return {
    state: () => state,
    open,
    submit,
    claim: signIn,
    signIn,
    approve: ({ userCode }) => decide(userCode, 'approve', 'approved'),
    deny: ({ userCode }) => decide(userCode, 'deny', 'denied'),
    async revoke(deviceId) {
      const last = await submit(await open('/account'), `revoke-${deviceId}`);
      if (last.name !== 'account') unexpected(last, 'of the account');
    },
  };
}

function unexpected(page: Page, expected: string): never {
  const got = page.name === '' ? `status ${page.status}` : [page.name, page.code].filter(Boolean).join(', ');
  throw new PryxError('unavailable', `The edge shows another page than one ${expected}: ${got}.`, {
    hint: `Open ${page.url.origin}${page.url.pathname} in a browser.`,
  });
}
