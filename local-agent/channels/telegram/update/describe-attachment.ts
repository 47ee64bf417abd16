/** What a message carries besides text, in one line each: every kind that the Bot API 10.1 knows. Nothing is fetched. */
import * as z from 'zod';
import type { Attachment } from '../../../core/incoming.ts';

type Fields = Readonly<Record<string, unknown>>;
type Describe = (message: Fields) => Attachment | undefined;

/** The one thing that a message carries; `undefined` when it carries none. Never throws. */
export function describeAttachment(message: Fields): Attachment | undefined {
  for (const describe of kinds) {
    const attachment = describe(message);
    if (attachment !== undefined) return attachment;
  }
  return undefined;
}

const optional = {
  text: z.string().optional().catch(undefined),
  number: z.number().nonnegative().optional().catch(undefined),
};
const file = z.object({
  file_id: z.string(),
  file_size: optional.number,
  file_name: optional.text,
  mime_type: optional.text,
  width: optional.number,
  height: optional.number,
  duration: optional.number,
});
type File = z.infer<typeof file>;
const photo = z.array(file).min(1);
const location = z.object({ latitude: z.number(), longitude: z.number(), live_period: optional.number });
const chatTitle = z.object({ title: optional.text, username: optional.text, first_name: optional.text });

/**
 * In order, since some kinds repeat themselves in a field of another "for backward compatibility": an animation is also a document,
 * a live photo also a photo, a venue also a location.
 */
const kinds: readonly Describe[] = [
  field('animation', file, (value) => ofFile('animation', 'animation', value)),
  field('live_photo', file, (value) => ofFile('photo', 'live photo', value)),
  field('photo', photo, (sizes) => ofFile('photo', 'photo', largest(sizes))),
  field('video', file, (value) => ofFile('video', 'video', value)),
  field('video_note', file.extend({ length: optional.number }), (value) =>
    ofFile('video', 'round video message', { ...value, width: value.length, height: value.length }),
  ),
  field('voice', file, (value) => ofFile('voice', 'voice message', value)),
  field('audio', file.extend({ title: optional.text, performer: optional.text }), (value) =>
    ofFile('audio', line('audio', quoted([value.performer, value.title].filter(Boolean).join(' – '))), value),
  ),
  field('document', file, (value) => ofFile('document', line('document', quoted(value.file_name)), value)),
  field('sticker', file.extend({ emoji: optional.text }), (value) => ({
    kind: 'sticker',
    description: ['sticker', clean(value.emoji)].filter(Boolean).join(' '),
    reference: value.file_id,
  })),
  field('paid_media', z.object({ star_count: z.number(), paid_media: z.array(z.unknown()) }), (value) =>
    other(line('paid media', count(value.paid_media.length, 'item'), count(value.star_count, 'star'))),
  ),
  field('story', z.object({ chat: chatTitle }), ({ chat }) =>
    other(line('story', quoted(chat.title ?? chat.username ?? chat.first_name))),
  ),
  field(
    'checklist',
    z.object({ title: z.string(), tasks: z.array(z.object({ text: z.string(), completion_date: optional.number })) }),
    ({ title, tasks }) =>
      other(
        line(
          `checklist ${quoted(title)}`,
          ...tasks.map((task) => `${(task.completion_date ?? 0) > 0 ? '☑' : '☐'} ${clean(task.text)}`),
        ),
      ),
  ),
  field(
    'contact',
    z.object({ phone_number: z.string(), first_name: z.string(), last_name: optional.text }),
    (value) => ({
      kind: 'contact',
      description: line('contact', clean(`${value.first_name} ${value.last_name ?? ''}`), clean(value.phone_number)),
    }),
  ),
  field('dice', z.object({ emoji: z.string(), value: z.number() }), (value) => ({
    kind: 'dice',
    description: `dice ${clean(value.emoji)} showing ${value.value}`,
  })),
  field('game', z.object({ title: z.string() }), (value) => other(`game ${quoted(value.title)}`)),
  field('poll', z.object({ question: z.string(), options: z.array(z.object({ text: z.string() })) }), (value) => ({
    kind: 'poll',
    description: line(`poll ${quoted(value.question)}`, ...value.options.map((option) => clean(option.text))),
  })),
  field('venue', z.object({ title: z.string(), address: z.string(), location }), (value) => ({
    kind: 'location',
    description: line(`place ${quoted(value.title)}`, clean(value.address), coordinates(value.location)),
  })),
  field('location', location, (value) => ({
    kind: 'location',
    description: line((value.live_period ?? 0) > 0 ? 'live location' : 'location', coordinates(value)),
  })),
  field('invoice', z.object({ title: z.string() }), (value) => other(`invoice ${quoted(value.title)}`)),
  field('giveaway', z.object({ winner_count: z.number() }), (value) =>
    other(line('giveaway', count(value.winner_count, 'winner'))),
  ),
  field('giveaway_winners', z.object({ winner_count: z.number() }), (value) =>
    other(line('giveaway results', count(value.winner_count, 'winner'))),
  ),
];

/** A field of the right name and an unexpected form is still something that was sent. */
function field<T>(name: string, schema: z.ZodType<T>, describe: (value: T) => Attachment): Describe {
  return (message) => {
    if (message[name] === undefined) return undefined;
    const parsed = schema.safeParse(message[name]);
    return parsed.success ? describe(parsed.data) : other(name.replaceAll('_', ' '));
  };
}

function ofFile(kind: Attachment['kind'], name: string, value: File): Attachment {
  const size = value.width !== undefined && value.height !== undefined ? `${value.width}×${value.height}` : '';
  return {
    kind,
    description: line(name, size, clock(value.duration), weight(value.file_size)),
    reference: value.file_id,
    ...(value.file_name === undefined ? {} : { name: value.file_name }),
    ...(value.mime_type === undefined ? {} : { mediaType: value.mime_type }),
    ...(value.file_size === undefined ? {} : { bytes: value.file_size }),
  };
}

const other = (description: string): Attachment => ({ kind: 'other', description });

const area = (size: File): number => (size.width ?? 0) * (size.height ?? 0);
const largest = (sizes: readonly File[]): File => sizes.reduce((best, size) => (area(size) > area(best) ? size : best));

/** At most 300 characters: a poll or checklist can be long, and this is one line. */
function line(...parts: string[]): string {
  const whole = parts.filter((part) => part !== '').join(', ');
  return whole.length <= 300 ? whole : `${whole.slice(0, 299).toWellFormed()}…`;
}

const clean = (text = ''): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
const quoted = (text = ''): string => (clean(text) === '' ? '' : `“${clean(text)}”`);
const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
const coordinates = (value: { latitude: number; longitude: number }): string =>
  `${value.latitude.toFixed(5)}, ${value.longitude.toFixed(5)}`;

function clock(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Decimal units, as Telegram shows them. */
function weight(bytes: number | undefined): string {
  if (bytes === undefined) return '';
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
