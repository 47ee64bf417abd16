/** `pryx restart`: stop, then start; just start when it does not run. */
import { PryxError } from '../../../shared/error.ts';
import type { CommandContext } from '../context.ts';
import { type StartOptions, start } from './start.ts';
import { type StopOptions, stopDaemon } from './stop.ts';

export async function restart(context: CommandContext, options: StartOptions & StopOptions): Promise<number> {
  try {
    await stopDaemon(context.home, options);
  } catch (error) {
    if (!(error instanceof PryxError && error.code === 'daemon_not_running')) throw error;
  }
  return start(context, options);
}
