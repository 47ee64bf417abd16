/** Every command there is, in the order of the help. Channels that show a menu of commands show this one. */
import type { Command } from './command.ts';
import { forgetCommand } from './forget.ts';
import { helpCommand } from './help.ts';
import { recallCommand } from './recall.ts';
import { rememberCommand } from './remember.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';

const help: Command = helpCommand(() => commands);

export const commands: readonly Command[] = [
  rememberCommand,
  recallCommand,
  forgetCommand,
  statusCommand,
  help,
  startCommand,
];

export const findCommand = (name: string): Command | undefined =>
  commands.find((command) => command.name === name.toLowerCase());
