/** The owner's devices: asked of the daemon, which asks the edge. */
import { type DeviceEntry, devicesResponse } from '../../shared/api/devices.ts';
import { PryxError } from '../../shared/error.ts';
import { askDaemon } from './ask-daemon.ts';
import type { CliHome } from './home.ts';

/** The way over the edge and back. */
const timeoutMs = 20_000;

export async function readDevices(home: CliHome): Promise<DeviceEntry[]> {
  return devicesResponse.parse(await askDaemon(home, { path: '/devices', timeoutMs })).devices;
}

export async function renameDevice(home: CliHome, id: string, name: string): Promise<void> {
  await askDaemon(home, { method: 'PATCH', path: `/devices/${encodeURIComponent(id)}`, body: { name }, timeoutMs });
}

export async function revokeDevice(home: CliHome, id: string): Promise<void> {
  await askDaemon(home, { method: 'DELETE', path: `/devices/${encodeURIComponent(id)}`, timeoutMs });
}

/** So many characters of an id tell devices apart, and are shown. */
export const shortId = (id: string): string => id.slice(0, 8);
const shortestPrefix = 4;

/**
 * The device that is meant by its whole name, in either case, or by how its id begins. Of several, the one that is paired. Throws
 * `not_found`, and `usage` when it could be several.
 */
export function findDevice(devices: readonly DeviceEntry[], wanted: string): DeviceEntry {
  const named = devices.filter(
    ({ name, device_id }) =>
      name.toLowerCase() === wanted.toLowerCase() || (wanted.length >= shortestPrefix && device_id.startsWith(wanted)),
  );
  const paired = named.filter(({ state }) => state === 'paired');
  const [found, another] = paired.length > 0 ? paired : named;
  if (found === undefined)
    throw new PryxError('not_found', 'There is no device of that name or id.', {
      hint: 'See them with `pryx devices`.',
    });
  if (another !== undefined)
    throw new PryxError('usage', `That could be ${named.length} devices.`, {
      hint: `Name one by its id: ${named.map(({ device_id }) => shortId(device_id)).join(', ')}.`,
    });
  return found;
}
