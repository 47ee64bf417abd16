/** The way of one message as a table: what each hop took, and when it was reached. */
import { styleText } from 'node:util';
import type { JobTrace } from '../../../shared/api/trace.ts';

const labels: Record<JobTrace['hops'][number]['name'], string> = {
  made: 'edge: sealed and signed',
  received: 'daemon: received, verified, opened',
  stored: 'inbox: durable, acknowledged',
  turn_started: 'turn: started',
  first_token: 'model: first words',
  turn_finished: 'turn: answer recorded',
  placed: 'telegram: placeholder stands',
  sent: 'telegram: answer stands',
};

/** `posted` and `accepted`: when the webhook was posted and when the edge said 200. Milliseconds since the epoch. */
export function formatTrace(trace: JobTrace, webhook: { posted: number; accepted: number }): string {
  const hops = [
    { label: 'telegram: webhook posted', at: webhook.posted },
    ...trace.hops.map(({ name, at }) => ({ label: labels[name], at })),
    { label: 'edge: answered 200 to Telegram', at: webhook.accepted },
  ].sort((one, other) => one.at - other.at);
  const lines = hops.map(({ label, at }, index) => {
    const since = Math.max(0, at - (hops[index - 1]?.at ?? at));
    const total = Math.max(0, at - webhook.posted);
    return `  ${label.padEnd(36)}${milliseconds(since)}${styleText('dim', milliseconds(total))}`;
  });
  return [styleText('dim', `  ${'hop'.padEnd(36)}${'ms'.padStart(10)}${'in all'.padStart(10)}`), ...lines].join('\n');
}

const milliseconds = (value: number): string => value.toFixed(1).padStart(10);
