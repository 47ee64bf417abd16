/** The account on one page: what needs attention first, then devices, passkeys, recovery codes, browsers, and what happened. */
import { html } from 'hono/html';
import type { ListedSession } from '../../account/sessions.ts';
import type { Overview } from '../../account/owner-api.ts';
import { addPasskeyPath } from '../return-path.ts';
import { changeForm, fold } from './change-form.ts';
import { type DeviceCard, devicesSection } from './devices.ts';
import { listEvents } from './events.ts';
import { hidden } from './form.ts';
import { passkeysSection } from './passkeys.ts';
import { ago, until } from './time.ts';
import type { Html, View } from './view.ts';

interface Account {
  csrf: string;
  devices: readonly DeviceCard[];
  overview: Overview;
  /** Signed in by a recovery code: everything is to be seen, and nothing can be changed. */
  recovered: boolean;
  now: number;
  /** What was done just now, by the address of the page: one of `doneTexts`, or nothing. */
  done: string | null;
}

const doneTexts: ReadonlyMap<string, string> = new Map([
  ['device-renamed', 'The device has its new name.'],
  ['device-revoked', 'The device is out: its link is cut, its tokens are dead, its mailbox is empty.'],
  ['passkey-added', 'The passkey is added.'],
  ['passkey-renamed', 'The passkey has its new name.'],
  ['passkey-removed', 'The passkey is removed, and opens nothing here any more. You can delete it where it is kept.'],
  ['recovered', 'Your new passkey works. Now remove the passkeys that you lost, and make new recovery codes.'],
]);

export function viewAccount(account: Account): View {
  const { csrf, devices, overview, recovered: lookOnly, done, now } = account;
  const text = doneTexts.get(done ?? '');
  return {
    page: 'account',
    title: 'Your account',
    body: html`
<h1>Your account</h1>
${text === undefined ? '' : html`<div class="note good" role="status"><p>${text}</p></div>`}
${lookOnly ? html`<div class="note warning"><p><strong>You came in by a recovery code.</strong> You can look round. To change anything, <a href="${addPasskeyPath}">make a new passkey</a>.</p></div>` : ''}
${alarms(account)}
${devicesSection({ csrf, devices, lookOnly, now })}
${passkeysSection({ csrf, passkeys: overview.passkeys, lookOnly, now })}
${recoverySection(csrf, overview.recoveryCodesLeft, lookOnly)}
${sessionsSection(csrf, overview.sessions, lookOnly, now)}
<section aria-labelledby="events">
<h2 id="events">What happened</h2>
${listEvents(overview.events, devices, now)}
</section>`,
  };
}

/** A copied token or key is the one thing that nobody may overlook. */
const alarms = ({ devices, overview: { passkeys } }: Account): Html[] => [
  ...devices
    .filter(({ revokedBecause }) => revokedBecause === 'token_reuse')
    .map(({ name }) =>
      alarm(
        html`Somebody may have a copy of a token of <bdi>${name}</bdi>.`,
        'It came twice, so the device was shut out at once; messages to it are kept. Find out who else can read its disk or its backups. Then pair it again, or revoke it for good.',
      ),
    ),
  ...passkeys
    .filter(({ copied }) => copied)
    .map(({ name }) =>
      alarm(
        html`Somebody may have a copy of the passkey <bdi>${name}</bdi>.`,
        'It was refused because its counter went back. Add another passkey, and remove this one.',
      ),
    ),
];

const alarm = (what: Html, next: string): Html =>
  html`<div class="note problem" role="alert"><p><strong>${what}</strong> ${next}</p></div>`;

function recoverySection(csrf: string, left: number, lookOnly: boolean): Html {
  return html`<section aria-labelledby="recovery">
<h2 id="recovery">Recovery codes</h2>
<p>${left === 0 ? html`<strong>None is left.</strong>` : html`<strong>${left} of 8</strong> ${left === 1 ? 'is' : 'are'} left.`} Each lets you in once when every passkey is lost.</p>
${
  lookOnly
    ? ''
    : fold(
        'Make new ones',
        '',
        html`<p>The codes that you have become void.</p>
${changeForm({
  id: 'new-recovery-codes',
  csrf,
  fields: { change: 'new-recovery-codes' },
  button: html`<button>Make eight new codes</button>`,
})}`,
      )
}
</section>`;
}

function sessionsSection(csrf: string, sessions: readonly ListedSession[], lookOnly: boolean, now: number): Html {
  const item = ({ agent, createdAt, expiresAt, current, recovered }: ListedSession): Html => html`<li>
<strong>${agent}</strong>${current ? html` <span class="tag good">this browser</span>` : ''}${recovered ? html` <span class="tag">recovery code</span>` : ''}
<br><span class="quiet">since ${ago(createdAt, now)}, for ${until(expiresAt, now)} more</span></li>`;
  return html`<section aria-labelledby="browsers">
<h2 id="browsers">Signed in</h2>
<ul class="plain">${sessions.map(item)}</ul>
<div class="actions">
<form id="sign-out" method="post" action="/sign-out">${hidden({ csrf })}<button>Sign out</button></form>
${lookOnly ? '' : html`<form id="sign-out-everywhere" method="post" action="/sign-out-everywhere">${hidden({ csrf })}<button class="danger">Sign out everywhere</button></form>`}
</div>
</section>`;
}
