import { describe, expect, test } from 'vitest';
import { describeAttachment } from '../../../../../local-agent/channels/telegram/update/describe-attachment.ts';

const file = { file_id: 'F', file_unique_id: 'u' };
const location = { latitude: 51.5007292, longitude: -0.1246254 };

/** What a person sends, and the line that stands for it. */
const sent: [string, Record<string, unknown>, string, string][] = [
  [
    'a photo',
    { photo: [{ ...file, width: 1280, height: 960, file_size: 120345 }] },
    'photo',
    'photo, 1280×960, 120 kB',
  ],
  [
    'a live photo, which is a photo too',
    { live_photo: { ...file, width: 3, height: 4, duration: 2 }, photo: [file] },
    'photo',
    'live photo, 3×4, 0:02',
  ],
  [
    'a video',
    { video: { ...file, width: 640, height: 480, duration: 65, file_size: 2_400_000 } },
    'video',
    'video, 640×480, 1:05, 2.4 MB',
  ],
  [
    'a round video',
    { video_note: { ...file, length: 240, duration: 9 } },
    'video',
    'round video message, 240×240, 0:09',
  ],
  ['a voice message', { voice: { ...file, duration: 12, file_size: 999 } }, 'voice', 'voice message, 0:12, 999 B'],
  [
    'music',
    { audio: { ...file, duration: 200, performer: 'Bach', title: 'Air' } },
    'audio',
    'audio, “Bach – Air”, 3:20',
  ],
  [
    'a document',
    { document: { ...file, file_name: 'a\n b.pdf', file_size: 536392 } },
    'document',
    'document, “a b.pdf”, 536 kB',
  ],
  [
    'an animation, which is a document too',
    { animation: { ...file, width: 1, height: 2, duration: 3 }, document: { ...file, file_name: 'x.mp4' } },
    'animation',
    'animation, 1×2, 0:03',
  ],
  ['a sticker', { sticker: { ...file, emoji: '🦆', width: 5, height: 5 } }, 'sticker', 'sticker 🦆'],
  [
    'a contact',
    { contact: { phone_number: '+4930', first_name: 'Grace', last_name: 'Hopper' } },
    'contact',
    'contact, Grace Hopper, +4930',
  ],
  ['a location', { location }, 'location', 'location, 51.50073, -0.12463'],
  ['a live location', { location: { ...location, live_period: 60 } }, 'location', 'live location, 51.50073, -0.12463'],
  [
    'a venue, which is a location too',
    { venue: { title: 'Big Ben', address: 'London', location }, location },
    'location',
    'place “Big Ben”, London, 51.50073, -0.12463',
  ],
  [
    'a poll',
    { poll: { question: 'Tea?', options: [{ text: 'Yes' }, { text: 'No' }] } },
    'poll',
    'poll “Tea?”, Yes, No',
  ],
  ['a dice', { dice: { emoji: '🎲', value: 6 } }, 'dice', 'dice 🎲 showing 6'],
  ['paid media', { paid_media: { star_count: 1, paid_media: [{}, {}] } }, 'other', 'paid media, 2 items, 1 star'],
  ['a story', { story: { id: 3, chat: { id: 1, first_name: 'Ada' } } }, 'other', 'story, “Ada”'],
  [
    'a checklist',
    {
      checklist: {
        title: 'Trip',
        tasks: [
          { id: 1, text: 'Pack', completion_date: 5 },
          { id: 2, text: 'Go', completion_date: 0 },
        ],
      },
    },
    'other',
    'checklist “Trip”, ☑ Pack, ☐ Go',
  ],
  ['a game', { game: { title: 'Chess', animation: file } }, 'other', 'game “Chess”'],
  ['an invoice', { invoice: { title: 'Tea' } }, 'other', 'invoice “Tea”'],
  ['a giveaway', { giveaway: { winner_count: 2 } }, 'other', 'giveaway, 2 winners'],
  ['results of a giveaway', { giveaway_winners: { winner_count: 1 } }, 'other', 'giveaway results, 1 winner'],
];

describe('what is sent along is told in one line:', () => {
  test.each(sent)('%s', (_, message, kind, description) => {
    expect(describeAttachment(message)).toMatchObject({ kind, description });
  });
});

test('a file keeps what is needed to fetch it later', () => {
  expect(
    describeAttachment({ document: { ...file, file_name: 'x.pdf', mime_type: 'application/pdf', file_size: 7 } }),
  ).toEqual({
    kind: 'document',
    description: 'document, “x.pdf”, 7 B',
    reference: 'F',
    name: 'x.pdf',
    mediaType: 'application/pdf',
    bytes: 7,
  });
});

test('of the sizes of a photo the largest is kept', () => {
  const size = (file_id: string, width: number) => ({ file_id, width, height: width });
  expect(describeAttachment({ photo: [size('a', 90), size('b', 1280), size('c', 320)] })?.reference).toBe('b');
});

test('a long poll stays one line of bounded length', () => {
  const options = Array.from({ length: 12 }, () => ({ text: 'an option\nwith words '.repeat(4) }));
  const description = describeAttachment({ poll: { question: 'Which?', options } })?.description ?? '';
  expect(description.length).toBeLessThanOrEqual(300);
  expect(description).not.toContain('\n');
});

test('a known kind of an unknown form is still named', () => {
  expect(describeAttachment({ video_note: 'odd' })).toEqual({ kind: 'other', description: 'video note' });
});

test('a message of words alone carries nothing', () => {
  expect(describeAttachment({ text: 'Hello', entities: [] })).toBeUndefined();
});
