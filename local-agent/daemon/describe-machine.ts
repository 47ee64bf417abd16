/** What the owner of an edge is shown of this machine before letting it in. */
import { arch, hostname, platform } from 'node:os';
import { cleanName } from '../../shared/pairing/names.ts';

export const nameDevice = (wanted = '', host: string = hostname()): string =>
  cleanName(wanted) || cleanName(host) || 'device';

const systems: Readonly<Record<string, string>> = {
  darwin: 'macOS',
  freebsd: 'FreeBSD',
  linux: 'Linux',
  win32: 'Windows',
};

/** Such as `Linux arm64`. */
export const namePlatform = (system: string = platform(), machine: string = arch()): string =>
  `${systems[system] ?? system} ${machine}`;
