/** What every command is given. */
import type { DaemonOptions } from '../main.ts';
import type { CliHome } from './home.ts';
import type { Output } from './terminal/output.ts';

/** The daemon is a bundle of its own weight: loaded by the one command that is it. */
export type LoadDaemon = () => Promise<{ runDaemon: (options: DaemonOptions) => Promise<number> }>;

export interface CommandContext {
  home: CliHome;
  output: Output;
}
