/** `pryx settings`: what Pryx took from its environment; while it is not running, what it would take from this shell. Shows no secret. */
import { type SettingEntry, settingsResponse } from '../../../shared/api/settings.ts';
import { askDaemon, ifRunning } from '../ask-daemon.ts';
import type { CommandContext } from '../context.ts';
import type { CliHome } from '../home.ts';
import { showSettings } from '../terminal/show-settings.ts';

/** Throws `config_invalid` when it is this shell that is read and Pryx could not start with it. */
export async function settings({ home, output }: CommandContext): Promise<number> {
  const running = await ifRunning(readOfDaemon(home));
  const from = running === undefined ? 'shell' : 'daemon';
  const variables = running ?? (await readOfShell(home));
  output.result({ from, variables }, showSettings(from, variables, output.style));
  return 0;
}

const readOfDaemon = async (home: CliHome): Promise<SettingEntry[]> =>
  settingsResponse.parse(await askDaemon(home, { path: '/settings' })).variables;

/** As `pryx start` would, from here. */
async function readOfShell(home: CliHome): Promise<SettingEntry[]> {
  const { readSettings } = await import('../../core/settings.ts');
  const { describeSettings } = await import('../../core/describe-settings.ts');
  return describeSettings(readSettings({ ...process.env, PRYX_HOME: home.folder }));
}
