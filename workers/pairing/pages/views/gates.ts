/** The pages that stand between a stranger and the account: claim, sign in, recover. */
import { html } from 'hono/html';
import type { PryxError } from '../../../../shared/error.ts';
import { gatePath } from '../return-path.ts';
import { codeField, hidden, passkeyForm, problemOf } from './form.ts';
import type { View } from './view.ts';

interface Gate {
  csrf: string;
  returnPath: string;
  problem?: PryxError | undefined;
}

export function viewClaim({ csrf, returnPath, anew, problem }: Gate & { anew: boolean }): View {
  return {
    page: 'claim',
    title: anew ? 'Claim this edge anew' : 'Claim this edge',
    body: html`
<h1>${anew ? 'Claim this edge anew' : 'Claim this edge'}</h1>
${
  anew
    ? html`<div class="note warning"><p><strong>This edge has an owner.</strong> A new set-up code was set on the Worker. Whoever claims the edge with it voids every passkey, session and recovery code of before. Paired devices stay.</p></div>`
    : html`<p class="lead">This edge is new and belongs to nobody yet. It becomes yours with its set-up code and a passkey.</p>`
}
${problemOf(problem)}
<form id="claim" method="post" action="/claim">
${hidden({ csrf, return: returnPath })}
${codeField({
  name: 'setup_code',
  label: 'Set-up code',
  hint: 'The code that you stored on the Worker as PRYX_SETUP_CODE when you deployed it.',
  example: 'XXXXX-XXXXX-XXXXX-XXXXX',
  maxLength: 40,
  invalid: problem !== undefined,
})}
<button class="primary">Continue</button>
</form>
${anew ? html`<p class="aside"><a href="${gatePath('/sign-in', returnPath)}">Sign in instead</a></p>` : ''}`,
  };
}

export function viewFirstPasskey(given: Gate & { options: unknown }): View {
  const { csrf, returnPath, options, problem } = given;
  return {
    page: 'create-passkey',
    title: 'Make your passkey',
    passkey: true,
    body: html`
<h1>Make your passkey</h1>
<p class="lead">From now on you sign in here with your fingerprint, your face or your PIN. There is no password.</p>
${problemOf(problem)}
${passkeyForm({ id: 'create-passkey', action: '/claim/passkey', call: 'create', options, fields: { csrf, return: returnPath }, button: 'Make a passkey' })}
<p class="aside">The key stays in this device or in your password manager. The edge gets its public half.</p>`,
  };
}

export function viewSignIn(given: Gate & { options: unknown; again: boolean }): View {
  const { csrf, returnPath, options, problem, again } = given;
  const title = again ? 'Confirm that it is you' : 'Sign in';
  return {
    page: 'sign-in',
    title,
    passkey: true,
    body: html`
<h1>${title}</h1>
<p class="lead">${
      again
        ? 'What comes next decides who may come in, so it needs your passkey once more.'
        : returnPath.startsWith('/pair')
          ? 'Sign in to see which device wants to be paired. Nothing is approved by that.'
          : 'This edge is its owner’s alone. Sign in with your passkey.'
    }</p>
${problemOf(problem)}
${passkeyForm({ id: 'sign-in', action: '/sign-in', call: 'get', options, fields: { csrf, return: returnPath }, button: 'Use your passkey' })}
<p class="aside"><a href="${gatePath('/recover', returnPath)}">Lost your passkey? Use a recovery code</a></p>`,
  };
}

export function viewRecover({ csrf, returnPath, problem }: Gate): View {
  return {
    page: 'recover',
    title: 'Use a recovery code',
    body: html`
<h1>Use a recovery code</h1>
<p class="lead">Each code works once. It lets you in to look round and to add a new passkey, and to do nothing else.</p>
${problemOf(problem)}
<form id="recover" method="post" action="/recover">
${hidden({ csrf, return: returnPath })}
${codeField({
  name: 'recovery_code',
  label: 'Recovery code',
  hint: 'One of the eight that you wrote down.',
  example: 'XXXX-XXXX-XXXX-XXXX',
  maxLength: 32,
  invalid: problem !== undefined,
})}
<button class="primary">Continue</button>
</form>
<p class="aside"><a href="${gatePath('/sign-in', returnPath)}">Sign in with a passkey instead</a></p>`,
  };
}

export function viewRecoveryCodes(given: { codes: readonly string[]; continuePath: string; first: boolean }): View {
  const { codes, continuePath, first } = given;
  const file = `Recovery codes for your Pryx edge. Each works once.\n\n${codes.join('\n')}\n`;
  return {
    page: 'recovery-codes',
    title: 'Your recovery codes',
    signedIn: true,
    body: html`
<h1>${first ? 'It is yours. Now keep these' : 'Your new recovery codes'}</h1>
<p class="lead">If you ever lose your passkey, one of these codes lets you in again. <strong>They are shown now, and never again.</strong></p>
<ol class="codes">${codes.map((code) => html`<li><code class="recovery-code">${code}</code></li>`)}</ol>
<p>Write them down, print this page, or put them into a password manager that is not on the device with your passkey.${first ? '' : ' The codes of before are void.'}</p>
<p class="actions"><a class="button primary" id="continue" href="${continuePath}">I have kept them</a>
<a class="button" download="pryx-recovery-codes.txt" href="data:text/plain;charset=utf-8,${encodeURIComponent(file)}">Save as a file</a></p>`,
  };
}

export function viewSignedOut({ everywhere }: { everywhere: boolean }): View {
  return {
    page: 'signed-out',
    title: 'Signed out',
    body: html`
<h1>Signed out</h1>
<p class="lead">${everywhere ? 'Every browser is signed out, this one too. Your devices stay paired.' : 'This browser is signed out.'}</p>
<p class="actions"><a class="button" href="/sign-in">Sign in</a></p>`,
  };
}
