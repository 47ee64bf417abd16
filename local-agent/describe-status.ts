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
    `**Edge:** ${describeLink(link)}`,
    ...channels.map(
      ({ name, state, mode, lastError }) =>
        `**${name}:** ${state} (${mode})${state === 'up' ? '' : trouble(lastError)}`,
    ),
    `**Waiting:** ${queue.inbox} to read, ${queue.outbox} to send${queue.inDoubt > 0 ? `, ${queue.inDoubt} in doubt` : ''}`,
  ].join('\n');
}

function describeLink(link: LinkState | undefined): string {
  if (link === undefined) return 'none';
  if (link.state === 'up') return 'up';
  // What a command on the machine mends is said in words; who writes here may be far from it.
  const words: Record<string, string> = {
    not_paired: 'not paired (run `pryx pair` on my machine)',
    revoked: 'this device was revoked (run `pryx pair` on my machine)',
  };
  return words[link.lastError?.code ?? ''] ?? `${link.state}${trouble(link.lastError)}`;
}

const trouble = (error: { code: string } | null | undefined): string => (error ? `, last error: ${error.code}` : '');
