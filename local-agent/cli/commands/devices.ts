/** `pryx devices`, with `rename` and `revoke`: every device of the edge's owner, seen from any one of them. */
import type { DeviceEntry } from '../../../shared/api/devices.ts';
import { PryxError } from '../../../shared/error.ts';
import { cleanName } from '../../../shared/pairing/names.ts';
import { findDevice, readDevices, renameDevice, revokeDevice, shortId } from '../ask-devices.ts';
import type { CommandContext } from '../context.ts';
import { askYesNo } from '../terminal/ask-person.ts';
import { harmless } from '../terminal/output.ts';
import { showDevices } from '../terminal/show-devices.ts';

export async function devices({ home, output }: CommandContext): Promise<number> {
  const all = await readDevices(home);
  output.result({ devices: all }, showDevices(all, Date.now(), output.style));
  return 0;
}

export async function devicesRename({ home, output }: CommandContext, wanted: string, name: string): Promise<number> {
  const clean = cleanName(name);
  if (clean === '') throw new PryxError('usage', 'The new name is empty.', { hint: 'For instance: laptop' });
  const device = findDevice(await readDevices(home), wanted);
  await renameDevice(home, device.device_id, clean);
  output.result(
    { device_id: device.device_id, name: clean },
    `${output.style('green', '●')} ${harmless(device.name)} is now called ${harmless(clean)}.`,
  );
  return 0;
}

export async function devicesRevoke(
  { home, output }: CommandContext,
  wanted: string,
  { yes }: { yes?: boolean },
): Promise<number> {
  const device = findDevice(await readDevices(home), wanted);
  const { device_id, current } = device;
  const name = harmless(device.name);
  // One that was shut because of a token still has its messages: whether they go, too, is the owner's to say.
  if (device.state === 'revoked' && !device.revoked_because?.startsWith('token_')) {
    output.result(
      { device_id, state: 'revoked', already: true },
      `${name} (${shortId(device_id)}) is revoked already.`,
    );
    return 0;
  }
  if (yes !== true && !(await mayRevoke(device, output.say))) {
    output.result({ device_id, state: 'paired' }, 'Nothing was revoked.');
    return 1;
  }
  await revokeDevice(home, device_id);
  output.result(
    { device_id, state: 'revoked', already: false },
    `${output.style('red', '○')} ${name} (${shortId(device_id)}) is revoked.${
      current ? ' That was this device: pair it anew with `pryx pair`.' : ''
    }`,
  );
  return 0;
}

async function mayRevoke(device: DeviceEntry, say: (text: string) => void): Promise<boolean> {
  say(
    `${device.current ? 'This is the device that you are on.' : `${harmless(device.name)}, ${harmless(device.platform)}: ${device.words.map(harmless).join(' ')}`}
Its link drops at once, its tokens are dead, and messages that wait for it are
deleted. What is stored on it stays there.`,
  );
  const answer = await askYesNo(`Revoke ${device.current ? 'this device' : harmless(device.name)}?`);
  if (answer !== undefined) return answer;
  throw new PryxError('usage', 'There is nobody at a terminal to ask.', { hint: 'Say that you are sure with --yes.' });
}
