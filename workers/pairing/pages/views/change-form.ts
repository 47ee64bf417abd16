/** The small forms of the account page. All go to one address and say in `change` what they are for. */
import { html } from 'hono/html';
import { home } from '../return-path.ts';
import { hidden } from './form.ts';
import type { Html } from './view.ts';

export interface ChangeForm {
  id: string;
  csrf: string;
  fields: Readonly<Record<string, string>>;
  button: Html;
}

export const changeForm = ({ id, csrf, fields, button }: ChangeForm): Html =>
  html`<form id="${id}" method="post" action="${home}">${hidden({ csrf, ...fields })}${button}</form>`;

/** Folded away until it is asked for; `of` tells those who hear the page which of many it is. */
export const fold = (summary: string, of: string, body: Html): Html =>
  html`<details class="fold"><summary>${summary}<span class="unseen"> ${of}</span></summary>${body}</details>`;

export const renameFold = ({ id, csrf, fields, name }: Omit<ChangeForm, 'button'> & { name: string }): Html =>
  fold(
    'Rename',
    name,
    html`<form id="rename-${id}" method="post" action="${home}">${hidden({ csrf, ...fields })}
<div class="field"><label for="name-${id}">New name</label>
<input id="name-${id}" name="name" value="${name}" required maxlength="64" autocomplete="off"></div>
<button>Rename</button></form>`,
  );
