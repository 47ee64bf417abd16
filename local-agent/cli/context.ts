/** What every command is given. */
import type { CliHome } from './home.ts';
import type { Output } from './terminal/output.ts';

export interface CommandContext {
  home: CliHome;
  output: Output;
}
