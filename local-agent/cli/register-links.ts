/** Makes a Linux desktop hand `pryx://` links to this command (XDG Desktop Entry Specification 1.5, shared MIME-info `x-scheme-handler`). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PryxError } from '../../shared/error.ts';
import { linkScheme } from '../../shared/links.ts';

export interface Registered {
  /** The file that was written. */
  file: string;
  /** The desktop was told that this is the one for such links. */
  chosen: boolean;
  words: string[];
}

const entryName = 'pryx.desktop';
const mimeType = `x-scheme-handler/${linkScheme}`;

/** Throws `unavailable` where there is no such thing. */
export function registerLinks(deps: {
  platform: NodeJS.Platform;
  env: Record<string, string | undefined>;
  program: readonly string[];
}): Registered {
  const { platform, env, program } = deps;
  if (platform !== 'linux')
    throw new PryxError('unavailable', 'Only a Linux desktop can be told by a command whom links belong to.', {
      hint: 'Open a link with `pryx open <link>`: put it in quotes.',
    });
  const folder = join(env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share'), 'applications');
  const file = join(folder, entryName);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, desktopEntry(program));
  const chosen = spawnSync('xdg-mime', ['default', entryName, mimeType], { env, stdio: 'ignore' }).status === 0;
  return {
    file,
    chosen,
    words: [
      `Wrote ${file}.`,
      chosen
        ? `Links that begin with ${linkScheme}:// now open Pryx in a terminal.`
        : `xdg-mime is not there. Where there is a desktop, run: xdg-mime default ${entryName} ${mimeType}`,
    ],
  };
}

const desktopEntry = (program: readonly string[]): string => `[Desktop Entry]
Type=Application
Name=Pryx
Comment=Opens links of Pryx
Exec=${program.map(quote).join(' ')} open --wait %u
Terminal=true
NoDisplay=true
MimeType=${mimeType};
`;

/** An argument of `Exec`: quoted, and `%` doubled; then the escapes of a string value, which is read first. */
const quote = (text: string): string =>
  `"${text.replace(/["`$\\]/g, '\\$&').replace(/%/g, '%%')}"`.replace(/\\/g, '\\\\');
