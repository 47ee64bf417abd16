/** The status for people: one line a part, then what is wrong and what to do about it. */
import type { StatusResponse } from '../../../shared/api/status.ts';
import { formatBytes, formatCount, formatDuration } from './amounts.ts';
import { type Output, harmless } from './output.ts';

type Colour = Output['style'];
type LastError = StatusResponse['link']['lastError'];

/** One colour and one mark for every state there is. */
const looks = {
  good: { style: 'green', mark: '●' },
  busy: { style: 'yellow', mark: '◐' },
  bad: { style: 'red', mark: '●' },
  none: { style: 'dim', mark: '○' },
} as const;
const lookOf: Record<string, keyof typeof looks> = {
  ready: 'good',
  up: 'good',
  ok: 'good',
  starting: 'busy',
  connecting: 'busy',
  stopping: 'busy',
  failing: 'busy',
  replaced: 'busy',
  degraded: 'bad',
  down: 'bad',
  off: 'none',
  offline: 'none',
};

export function showStatus(status: StatusResponse, now: number, colour: Colour): string {
  const { daemon, database, link, channels, model } = status;
  const row = (name: string, state: string, ...details: (string | null)[]): string => {
    const { style, mark } = looks[lookOf[state] ?? 'bad'];
    const rest = details.filter((detail) => detail !== null && detail !== '').map((detail) => harmless(String(detail)));
    return `${colour(style, mark)} ${name.padEnd(9)} ${colour(style, state.padEnd(10))} ${colour('dim', rest.join(' · '))}`.trimEnd();
  };
  return [
    row(
      'pryx',
      daemon.state,
      `version ${status.version}`,
      `process ${daemon.pid}`,
      `up ${formatDuration(now - daemon.startedAt)}`,
      formatBytes(daemon.rssBytes),
    ),
    row(
      'database',
      database.state,
      `schema ${database.version}`,
      formatBytes(database.bytes),
      database.setAside && `the damaged one is ${database.setAside}`,
    ),
    row('edge', link.state, link.edge ?? 'none set up', mailboxOf(link.mailbox)),
    ...channels.map(({ name, state, mode, account }) => row(name, state, account, mode === 'none' ? null : mode)),
    row(
      'model',
      model.state,
      model.model,
      model.provider === 'offline' ? 'no model set up: the offline assistant answers' : model.provider,
    ),
    row('queue', ...queueOf(status.queue)),
    '',
    colour('dim', `home ${harmless(daemon.home)}${daemon.port === null ? '' : ` · http://127.0.0.1:${daemon.port}`}`),
    ...troublesOf(status).flatMap(([name, error]) => showTrouble(name, error, now, colour)),
  ].join('\n');
}

const mailboxOf = (mailbox: StatusResponse['link']['mailbox']): string | null =>
  mailbox && `mailbox ${formatCount(mailbox.queued.jobs, 'job', 'jobs')}, ${formatBytes(mailbox.queued.bytes)}`;

function queueOf(queue: StatusResponse['queue']): [string, ...string[]] {
  const parts = [
    queue.inbox > 0 && `${queue.inbox} to read`,
    queue.turns > 0 && formatCount(queue.turns, 'answer in the making', 'answers in the making'),
    queue.outbox > 0 && `${queue.outbox} to send`,
    queue.inDoubt > 0 && `${queue.inDoubt} in doubt`,
    queue.failed > 0 && `${queue.failed} given up`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? ['ok', 'empty'] : ['ok', ...parts];
}

/** What is down, or works only half: an error of the past does not worry anybody. That messages are refused is not of the past when the link is up. */
function troublesOf({ link, channels, model }: StatusResponse): [string, NonNullable<LastError>][] {
  return [
    { name: 'edge', state: link.lastError?.code === 'bad_job' ? 'failing' : link.state, lastError: link.lastError },
    ...channels,
    { name: 'model', state: model.state, lastError: model.lastError },
  ].flatMap(({ name, state, lastError }) =>
    lookOf[state] === 'good' || lastError === null ? [] : [[name, lastError]],
  );
}

function showTrouble(name: string, error: NonNullable<LastError>, now: number, colour: Colour): string[] {
  const ago = `${formatDuration(now - error.at)} ago`;
  return [
    '',
    `${colour('red', name)} ${colour('bold', harmless(error.code))}  ${harmless(error.message)} ${colour('dim', ago)}`,
    ...(error.hint === undefined ? [] : [`  ${colour('cyan', 'next:')} ${harmless(error.hint)}`]),
  ];
}

/** Something that was set up does not work. */
export const isUnhealthy = ({ daemon, link, channels }: StatusResponse): boolean =>
  daemon.state === 'degraded' || link.state === 'down' || channels.some(({ state }) => state === 'down');
