/** `pryx status`: how the daemon is, at a glance. Exit code 3 when it is not running, 5 when something that was set up does not work. */
import { PryxError, errorBody } from '../../../shared/error.ts';
import { readStatus } from '../read-status.ts';
import type { CommandContext } from '../context.ts';
import { showClaim } from '../terminal/show-claim.ts';
import { isUnhealthy, showStatus } from '../terminal/show-status.ts';

export async function status({ home, output }: CommandContext, options: { mailbox?: boolean }): Promise<number> {
  try {
    const current = await readStatus(home, options);
    const claim = output.json ? '' : await showClaim(home, output.style);
    output.result(current, `${showStatus(current, Date.now(), output.style)}${claim}`);
    return isUnhealthy(current) ? 5 : 0;
  } catch (error) {
    if (!(error instanceof PryxError && error.code === 'daemon_not_running')) throw error;
    // Not running is an answer, too: whoever asks for JSON finds it where it is looked for.
    if (output.json)
      output.result({ daemon: { pid: null, state: 'stopped', home: home.folder }, ...errorBody(error) }, '');
    else output.fail(error);
    return 3;
  }
}
