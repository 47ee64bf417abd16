/** What happened to the account, in sentences. */
import { html } from 'hono/html';
import type { AccountEvent, EventKind } from '../../account/events.ts';
import { ago } from './time.ts';
import type { Html } from './view.ts';

const shown = 20;

const sentences: Readonly<Record<EventKind, (event: AccountEvent, by: string | null) => Html>> = {
  claimed: () => html`This edge was claimed.`,
  claimed_anew: () => html`This edge was claimed anew, with another set-up code.`,
  signed_in: ({ passkeyName }) => html`You signed in with ${named(passkeyName)}.`,
  signed_out_everywhere: () => html`You signed out everywhere.`,
  passkey_added: ({ passkeyName }) => html`The passkey ${named(passkeyName)} was added.`,
  passkey_removed: ({ passkeyName }) => html`The passkey ${named(passkeyName)} was removed.`,
  passkey_copied: ({ passkeyName }) => html`The passkey ${named(passkeyName)} was refused: its counter went back.`,
  recovery_code_used: () => html`A recovery code was used.`,
  recovery_codes_made: () => html`New recovery codes were made.`,
  device_paired: ({ deviceName }) => html`${named(deviceName)} was paired.`,
  device_renamed: ({ deviceName }, by) => html`A device was renamed to ${named(deviceName)}${byDevice(by)}.`,
  device_revoked: ({ deviceName }, by) => html`${named(deviceName)} was revoked${byDevice(by)}.`,
  token_reuse: ({ deviceName }) => html`A token of ${named(deviceName)} was used twice: the device was shut out.`,
  token_revoked: ({ deviceName }) => html`A token of ${named(deviceName)} was given up: the device was shut out.`,
};

const alarming: readonly EventKind[] = [
  'token_reuse',
  'token_revoked',
  'passkey_copied',
  'claimed_anew',
  'recovery_code_used',
];

const named = (name: string | null): Html => html`<bdi>${name ?? 'a device'}</bdi>`;
const byDevice = (by: string | null): Html | '' => (by === null ? '' : html`, by ${named(by)}`);

export function listEvents(
  events: readonly AccountEvent[],
  devices: readonly { deviceId: string; name: string }[],
  now: number,
): Html {
  const names = new Map(devices.map(({ deviceId, name }) => [deviceId, name]));
  const nameOf = ({ byDevice, deviceId }: AccountEvent): string | null =>
    byDevice === null ? null : byDevice === deviceId ? 'itself' : (names.get(byDevice) ?? 'another device');
  const item = (event: AccountEvent): Html =>
    html`<li${alarming.includes(event.kind) ? html` class="alarm"` : ''}>${sentences[event.kind](event, nameOf(event))} <span class="quiet">${ago(event.at, now)}</span></li>`;
  const rest = events.slice(shown);
  return html`<ul class="plain events">${events.slice(0, shown).map(item)}</ul>
${rest.length === 0 ? '' : html`<details class="fold"><summary>${rest.length} older ones</summary><ul class="plain events">${rest.map(item)}</ul></details>`}`;
}
