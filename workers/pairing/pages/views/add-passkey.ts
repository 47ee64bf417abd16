/** One more passkey. */
import { html } from 'hono/html';
import type { PryxError } from '../../../../shared/error.ts';
import { addPasskeyPath, home } from '../return-path.ts';
import { passkeyForm, problemOf } from './form.ts';
import type { View } from './view.ts';

export function viewAddPasskey(given: {
  csrf: string;
  options: unknown;
  recovered: boolean;
  problem?: PryxError | undefined;
}): View {
  const { csrf, options, recovered, problem } = given;
  const title = recovered ? 'Make a new passkey' : 'Add a passkey';
  return {
    page: 'add-passkey',
    title,
    passkey: true,
    signedIn: true,
    body: html`
<h1>${title}</h1>
<p class="lead">${
      recovered
        ? 'Your recovery code is used up. Make a passkey now, so that you can sign in again.'
        : 'A second passkey lets you in when the first is lost: on another phone, in another password manager, or on a security key.'
    }</p>
${problemOf(problem)}
${passkeyForm({ id: 'create-passkey', action: addPasskeyPath, call: 'create', options, fields: { csrf }, button: recovered ? 'Make a passkey' : 'Add a passkey' })}
<p class="aside"><a href="${home}">${recovered ? 'Look round first' : 'Back to your account'}</a></p>`,
  };
}
