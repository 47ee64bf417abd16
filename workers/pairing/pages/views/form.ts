/** What the forms share. */
import { html } from 'hono/html';
import type { PryxError } from '../../../../shared/error.ts';
import type { Html } from './view.ts';

export const hidden = (fields: Readonly<Record<string, string>>): Html[] =>
  Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);

/** What went wrong with what was sent, above the form. */
export const problemOf = (problem: PryxError | undefined): Html | '' =>
  problem === undefined
    ? ''
    : html`<div class="note problem" role="alert"><p><strong>${problem.message}</strong>${
        problem.hint === undefined ? '' : html` ${problem.hint}`
      }</p></div>`;

export interface PasskeyForm {
  id: 'create-passkey' | 'sign-in';
  action: string;
  call: 'create' | 'get';
  /** Options of the call, as JSON of WebAuthn. */
  options: unknown;
  fields: Readonly<Record<string, string>>;
  button: string;
}

export const passkeyForm = ({ id, action, call, options, fields, button }: PasskeyForm): Html => html`
<form id="${id}" method="post" action="${action}" data-passkey="${call}" data-options="${JSON.stringify(options)}">
${hidden({ ...fields, credential: '' })}
<button class="primary">${button}</button>
<p class="status" role="status"></p>
<noscript><p class="note problem"><strong>A passkey needs JavaScript.</strong> Allow it for this page; everything else works without.</p></noscript>
</form>`;

export interface CodeField {
  name: string;
  label: string;
  hint: string;
  example: string;
  /** So long may it be with its punctuation. */
  maxLength: number;
  invalid: boolean;
}

/** A code that is read somewhere and typed here: no keyboard is to better it. */
export const codeField = ({ name, label, hint, example, maxLength, invalid }: CodeField): Html => html`
<div class="field">
<label for="${name}">${label}</label>
<p class="hint" id="${name}-hint">${hint}</p>
<input class="code" id="${name}" name="${name}" required maxlength="${maxLength}" placeholder="${example}" autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false" aria-describedby="${name}-hint"${
  invalid ? html` aria-invalid="true"` : ''
}>
</div>`;
