/** `pryx settings`: what Pryx took from its environment; while it is not running, what it would take from this shell. Shows no secret. */
import { type SettingEntry, settingsResponse } from '../../../shared/api/settings.ts';
import { PryxError } from '../../../shared/error.ts';
import { askDaemon } from '../ask-daemon.ts';
import type { CommandContext } from '../context.ts';
import type { CliHome } from '../home.ts';
import { showSettings } from '../terminal/show-settings.ts';

/** Throws `config_invalid` when it is this shell that is read and Pryx could not start with it. */
export async function settings({ home, output }: CommandContext): Promise<number> {
  const running = await readOfDaemon(home);
  const from = running === undefined ? 'shell' : 'daemon';
  const variables = running ?? (await readOfShell(home));
  output.result({ from, variables }, showSettings(from, variables, output.style));
  return 0;
}

/** `undefined` when no daemon runs. */
async function readOfDaemon(home: CliHome): Promise<SettingEntry[] | undefined> {
  try {
    return settingsResponse.parse(await askDaemon(home, { path: '/settings' })).variables;
  } catch (error) {
    if (error instanceof PryxError && error.code === 'daemon_not_running') return undefined;
    throw error;
  }
}

/** As `pryx start` would, from here. */
async function readOfShell(home: CliHome): Promise<SettingEntry[]> {
  const { readSettings } = await import('../../core/settings.ts');
  const { describeSettings } = await import('../../core/describe-settings.ts');
  return describeSettings(readSettings({ ...process.env, PRYX_HOME: home.folder }));
}
