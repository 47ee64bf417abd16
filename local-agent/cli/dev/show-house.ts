/** What runs, at a glance, when `pryx dev` is up. */
import { styleText } from 'node:util';
import type { StatusResponse } from '../../../shared/api/status.ts';

export function showHouse(status: StatusResponse, standIn: boolean): string {
  const { daemon, link, channels, model } = status;
  const telegram = channels.find(({ name }) => name === 'telegram');
  const lines: [string, string, boolean][] = [
    ['edge', `${link.edge}, the Worker in workerd; link ${link.state}`, link.state === 'up'],
    ['daemon', `http://127.0.0.1:${daemon.port}, process ${daemon.pid}, home ${daemon.home}`, daemon.state === 'ready'],
    [
      'telegram',
      standIn
        ? 'a stand-in on this machine: nothing leaves it'
        : `${telegram?.account ?? 'your bot'} by ${telegram?.mode}: ${telegram?.state}`,
      telegram?.state === 'up',
    ],
    [
      'model',
      model.state === 'offline'
        ? 'none yet: the offline assistant answers (/help says how to add one)'
        : `${model.model ?? ''} (${model.provider})`,
      true,
    ],
  ];
  const errors = [link.lastError, telegram?.lastError].filter((error) => error !== null && error !== undefined);
  return [
    '',
    styleText('bold', 'Pryx is running.'),
    ...lines.map(
      ([name, text, good]) =>
        `  ${good ? styleText('green', '●') : styleText('yellow', '●')} ${name.padEnd(9)} ${text}`,
    ),
    ...errors.map(
      ({ code, message, hint }) => `  ${styleText('yellow', code)}: ${message}${hint === undefined ? '' : ` ${hint}`}`,
    ),
    '',
    standIn && process.stdin.isTTY
      ? styleText('dim', 'Type a message. /help shows what there is; Ctrl-D ends it.\n')
      : '',
  ].join('\n');
}
