/**
 * A conversation for people: days, times, names, and below each name what was said. Only a name stands in the first column, behind the
 * mark of its side: so no text can pass for what somebody else said, whatever it holds.
 */
import type { ConversationResponse, MessageEntry } from '../../../shared/api/conversations.ts';
import { formatCount } from './amounts.ts';
import { type Output, harmless } from './output.ts';
import { nameSession } from './show-sessions.ts';
import { cutText, wrapLine } from './wrap-text.ts';

type Colour = Output['style'];

const margin = '  ';
const narrowest = 24;

/** `columns` is how wide a line may be. */
export function showTranscript(
  { conversation, messages }: ConversationResponse,
  columns: number,
  style: Colour,
): string {
  const width = Math.max(columns, narrowest) - margin.length;
  const count = formatCount(conversation.messages, 'message', 'messages');
  const part = messages.length < conversation.messages ? `the last ${messages.length} of ${count}` : count;
  const head = [
    style('bold', nameSession(conversation)),
    style('dim', `${harmless(conversation.channel)} · ${part} · pryx://session/${conversation.id}`),
  ];
  const days = Map.groupBy(messages, ({ at }) => formatDay(at));
  const body = [...days].flatMap(([day, said]) => [
    '',
    style('dim', day),
    ...said.flatMap((message) => ['', ...showMessage(message, width, style)]),
  ]);
  return [...head, ...body].join('\n');
}

function showMessage(message: MessageEntry, width: number, style: Colour): string[] {
  const { role, editedAt, text, cut, attachments } = message;
  const own = role === 'assistant';
  const name = own ? 'Pryx' : nameSender(message);
  const head = [
    own ? style('cyan', '●') : '○',
    style('dim', formatTime(message.at)),
    style(own ? ['bold', 'cyan'] : 'bold', name),
    ...(editedAt === null ? [] : [style('dim', '(edited)')]),
  ].join(' ');
  const lines = text === '' ? [] : text.split(/\r\n|[\n\r\u2028\u2029]/).map(harmless);
  const below = [...attachments.map((one) => `[${harmless(one)}]`), ...(cut ? ['… and more, too long to show'] : [])];
  return [
    head,
    ...lines.flatMap((line) => wrapLine(line, width)).map(indent),
    ...below.flatMap((line) => wrapLine(line, width)).map((line) => indent(style('dim', line))),
  ];
}

const indent = (line: string): string => (line === '' ? '' : `${margin}${line}`);

const longest = 40;

const nameSender = ({ sender }: MessageEntry): string => cutText(harmless(sender ?? '').trim(), longest) || 'somebody';

const formatDay = (at: number): string =>
  new Date(at).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

const formatTime = (at: number): string =>
  new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
