/** The passkeys of the owner. */
import { html } from 'hono/html';
import { type PasskeyView, maxPasskeys } from '../../account/passkeys.ts';
import { addPasskeyPath } from '../return-path.ts';
import { changeForm, fold, renameFold } from './change-form.ts';
import { ago } from './time.ts';
import type { Html } from './view.ts';

interface Passkeys {
  csrf: string;
  passkeys: readonly PasskeyView[];
  /** Nothing can be changed. */
  lookOnly: boolean;
  now: number;
}

export function passkeysSection(given: Passkeys): Html {
  const { passkeys } = given;
  return html`<section aria-labelledby="passkeys">
<h2 id="passkeys">Passkeys</h2>
${passkeys.length === 1 ? html`<p>This is your only one. Add a second, on another device or a security key, so that a lost phone does not lock you out.</p>` : ''}
<ul class="cards">${passkeys.map((passkey, index) => card(passkey, index, given))}</ul>
${passkeys.length < maxPasskeys ? html`<p class="actions"><a class="button" href="${addPasskeyPath}">Add a passkey</a></p>` : html`<p class="quiet">There may be ${maxPasskeys}, and you have them all.</p>`}
</section>`;
}

function card({ id, name, createdAt, lastUsedAt, backedUp }: PasskeyView, index: number, given: Passkeys): Html {
  const { csrf, passkeys, lookOnly, now } = given;
  const fields = { passkey_id: id };
  return html`<li class="card">
<h3><bdi>${name}</bdi></h3>
<p class="quiet">${backedUp ? 'Synced by a password manager' : 'On one device alone'} · added ${ago(createdAt, now)} · ${lastUsedAt === null ? 'not used since' : html`used ${ago(lastUsedAt, now)}`}</p>
${
  lookOnly
    ? ''
    : html`<div class="folds">
${renameFold({ id: `passkey-${index}`, csrf, name, fields: { ...fields, change: 'rename-passkey' } })}
${
  passkeys.length === 1
    ? ''
    : fold(
        'Remove',
        name,
        html`<p>Nobody can sign in with it from then on.</p>
${changeForm({
  id: `remove-passkey-${index}`,
  csrf,
  fields: { ...fields, change: 'remove-passkey' },
  button: html`<button class="danger">Remove this passkey</button>`,
})}`,
      )
}
</div>`
}
</li>`;
}
