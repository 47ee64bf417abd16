/** `pryx restart`: stop, then start; just start when it does not run. */
import { ifRunning } from '../ask-daemon.ts';
import type { CommandContext } from '../context.ts';
import { type StartOptions, start } from './start.ts';
import { type StopOptions, stopDaemon } from './stop.ts';

export async function restart(context: CommandContext, options: StartOptions & StopOptions): Promise<number> {
  await ifRunning(stopDaemon(context.home, options));
  return start(context, options);
}
