/** The devices of the owner: how each stands, and the way to rename it or put it out. */
import { html } from 'hono/html';
import { fingerprintWords } from '../../../../shared/pairing/fingerprint.ts';
import type { Contact } from '../../../mailbox/mailbox-api.ts';
import { type RegisteredDevice, keepsMessages } from '../../account/device-registry.ts';
import { changeForm, fold, renameFold } from './change-form.ts';
import { ago } from './time.ts';
import type { Html } from './view.ts';

/** `contact`: null when the device is revoked, or its mailbox could not be asked. */
export interface DeviceCard extends RegisteredDevice {
  contact: Contact | null;
}

interface Devices {
  csrf: string;
  devices: readonly DeviceCard[];
  /** Nothing can be changed. */
  lookOnly: boolean;
  now: number;
}

/** Those that are out for good are folded away; one whose messages were kept is the owner's to decide about. */
export function devicesSection(given: Devices): Html {
  const { devices } = given;
  const gone = devices.filter(({ state, revokedBecause }) => state === 'revoked' && !keepsMessages(revokedBecause));
  const here = devices.filter((device) => !gone.includes(device));
  return html`<section aria-labelledby="devices">
<h2 id="devices">Devices</h2>
${here.length === 0 ? html`<p>No device is paired. Run <code>pryx pair</code> on yours, and open the link that it shows.</p>` : html`<ul class="cards">${here.map((device) => card(device, given))}</ul>`}
${gone.length === 0 ? '' : fold(`${gone.length} revoked`, 'devices', html`<ul class="cards">${gone.map((device) => card(device, given))}</ul>`)}
<p class="actions"><a class="button" href="/pair">Pair a device</a></p>
</section>`;
}

function card(device: DeviceCard, { csrf, lookOnly, now }: Devices): Html {
  const { deviceId, name, platform, state, pairedAt, revokedAt } = device;
  const fields = { device_id: deviceId };
  return html`<li class="card">
<h3><bdi>${name}</bdi></h3>
<p class="quiet"><bdi>${platform}</bdi></p>
<p class="state">${describeState(device, now)}</p>
<dl class="facts small">
<div><dt>Words</dt><dd class="mono">${fingerprintWords(deviceId).join(' ')}</dd></div>
<div><dt>Paired</dt><dd>${ago(pairedAt, now)}</dd></div>
${revokedAt === null ? '' : html`<div><dt>Revoked</dt><dd>${ago(revokedAt, now)}</dd></div>`}
</dl>
${
  lookOnly || (state === 'revoked' && !keepsMessages(device.revokedBecause))
    ? ''
    : html`<div class="folds">
${renameFold({ id: deviceId, csrf, name, fields: { ...fields, change: 'rename-device' } })}
${fold(
  'Revoke',
  name,
  html`<p>Its link is cut within a second, its tokens are dead, and messages that wait for it are deleted. To come back, it has to be paired again.</p>
${changeForm({
  id: `revoke-${deviceId}`,
  csrf,
  fields: { ...fields, change: 'revoke-device' },
  button: html`<button class="danger">Revoke this device</button>`,
})}`,
)}
</div>`
}
</li>`;
}

const reasons = {
  owner: 'by you',
  device: 'by itself',
  token_reuse: 'its token was used twice',
  token_revoked: 'by one of its tokens',
};

function describeState({ state, revokedBecause, contact }: DeviceCard, now: number): Html {
  if (state === 'revoked')
    return html`<span class="tag bad">revoked</span> ${revokedBecause === null ? '' : reasons[revokedBecause]}`;
  if (contact === null) return html`<span class="tag">paired</span> its mailbox does not answer right now`;
  const { connected, last_contact: last } = contact;
  if (connected) return html`<span class="tag good">connected</span>`;
  return html`<span class="tag">not connected</span> ${last === null ? 'has not called yet' : html`last contact ${ago(last, now)}`}`;
}
