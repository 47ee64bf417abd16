/** The settings as a table: what is in effect, and where it comes from. */
import type { SettingEntry } from '../../../shared/api/settings.ts';
import { type Output, harmless } from './output.ts';
import { formatTable } from './table.ts';

const heads = {
  daemon: 'In effect in the running daemon, from the environment that it was started in:',
  shell: 'Pryx is not running. Started from this shell, it would take:',
} as const;

export function showSettings(
  from: keyof typeof heads,
  variables: readonly SettingEntry[],
  style: Output['style'],
): string {
  const rows = variables.map((each) => [
    `${each.state === 'set' ? style('green', '●') : style('dim', '○')} ${harmless(each.name)}`,
    showValue(each, style),
    style('dim', nameOrigin(each)),
  ]);
  const next = style('dim', 'What each takes is in .env.example. After a change: `pryx restart`.');
  return [heads[from], '', formatTable(rows), '', next].join('\n');
}

function showValue({ state, secret, value }: SettingEntry, style: Output['style']): string {
  if (state === 'off') return style('dim', '–');
  return secret ? 'set' : harmless(value ?? '');
}

const origins = { set: 'environment', default: 'default', off: 'not set' } as const;
const nameOrigin = ({ state, why }: SettingEntry): string => (why === null ? origins[state] : harmless(why));
