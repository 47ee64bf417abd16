/** Asks a daemon how it is. */
import type { StatusResponse } from '../../shared/api/status.ts';
import { PryxError } from '../../shared/error.ts';
import { askDaemon, ifRunning } from './ask-daemon.ts';
import type { CliHome } from './home.ts';

export async function readStatus(home: CliHome, options: { mailbox?: boolean } = {}): Promise<StatusResponse> {
  const answer = await askDaemon(home, { path: options.mailbox === true ? '/status?mailbox=true' : '/status' });
  if (isStatus(answer)) return answer;
  throw new PryxError('internal', 'The daemon is of another version of Pryx.', {
    hint: 'Restart it with `pryx restart`.',
  });
}

/** Just enough to tell a status from something else: the schema, and zod below it, would take longer to load than all the rest. */
const isStatus = (value: unknown): value is StatusResponse =>
  typeof value === 'object' &&
  value !== null &&
  ['version', 'daemon', 'database', 'link', 'channels', 'model', 'queue'].every((name) => name in value);

/** `undefined` when no daemon runs there. */
export const readStatusIfRunning = (home: CliHome): Promise<StatusResponse | undefined> => ifRunning(readStatus(home));
