/** The devices of an owner as a table. */
import type { DeviceEntry } from '../../../shared/api/devices.ts';
import { shortId } from '../ask-devices.ts';
import { formatDuration } from './amounts.ts';
import { type Output, harmless } from './output.ts';
import { formatTable } from './table.ts';

export function showDevices(devices: readonly DeviceEntry[], now: number, style: Output['style']): string {
  const rows = devices.map((device) => [
    `${markOf(device, style)} ${harmless(device.name)}${device.current ? style('cyan', ' (this one)') : ''}`,
    harmless(device.platform),
    harmless(device.words.join(' ')),
    stateOf(device, now),
    style('dim', shortId(device.device_id)),
  ]);
  const heads = ['  device', 'platform', 'words', 'last contact', 'id'].map((head) => style('dim', head));
  return formatTable([heads, ...rows]);
}

function markOf({ state, connected }: DeviceEntry, style: Output['style']): string {
  if (state === 'revoked') return style('red', '○');
  return connected ? style('green', '●') : style('dim', '○');
}

const reasons = {
  owner: 'revoked by its owner',
  device: 'revoked by itself',
  token_reuse: 'shut: a token came twice',
  token_revoked: 'shut: a token was given up',
} as const;

function stateOf({ state, connected, last_contact, revoked_because }: DeviceEntry, now: number): string {
  if (state === 'revoked') return reasons[revoked_because ?? 'owner'];
  if (connected) return 'connected';
  return last_contact === null ? 'never' : `${formatDuration(now - last_contact)} ago`;
}
