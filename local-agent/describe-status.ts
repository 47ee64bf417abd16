/** How things stand, in a few lines of Markdown: what `/status` answers in chat. */
import type { ModelStatus } from './models/choose.ts';
import type { ChannelHealth } from './core/channel.ts';
import type { LinkState } from './edge-link/link.ts';
import type { Db } from './store/database.ts';
import { countQueues } from './store/queue-counts.ts';

export function describeStatus(
  db: Db,
  model: ModelStatus,
  link: LinkState | undefined,
  channels: readonly (ChannelHealth & { name: string })[],
): string {
  const queue = countQueues(db);
  return [
    `**Model:** ${model.state === 'offline' ? 'none, I answer offline' : `${model.model ?? model.provider} (${model.provider})`}${trouble(model.lastError)}`,
    `**Edge:** ${link === undefined ? 'none' : link.state}${link?.state === 'up' ? '' : trouble(link?.lastError)}`,
    ...channels.map(
      ({ name, state, mode, lastError }) =>
        `**${name}:** ${state} (${mode})${state === 'up' ? '' : trouble(lastError)}`,
    ),
    `**Waiting:** ${queue.inbox} to read, ${queue.outbox} to send${queue.inDoubt > 0 ? `, ${queue.inDoubt} in doubt` : ''}`,
  ].join('\n');
}

const trouble = (error: { code: string } | null | undefined): string => (error ? `, last error: ${error.code}` : '');
