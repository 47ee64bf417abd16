/** The fields that a message has for what is not text (https://core.telegram.org/bots/api#message). */
import type { FileToSend, MediaKind } from '../types.ts';
import type { Files } from './files.ts';

/** Folder on the server, ending, media type. */
const kinds: Record<string, readonly [folder: string, extension: string, mediaType: string]> = {
  photo: ['photos', 'jpg', 'image/jpeg'],
  document: ['documents', 'pdf', 'application/pdf'],
  voice: ['voice', 'oga', 'audio/ogg'],
  audio: ['music', 'mp3', 'audio/mpeg'],
  video: ['videos', 'mp4', 'video/mp4'],
  video_note: ['video_notes', 'mp4', 'video/mp4'],
  animation: ['animations', 'mp4', 'video/mp4'],
  sticker: ['stickers', 'webp', 'image/webp'],
};

export function describeMedia(
  kind: MediaKind,
  file: FileToSend,
  files: Files,
  randomDigits: (length: number) => string,
): Record<string, unknown> {
  const { width = 1280, height = 960, duration = 7 } = file;
  const [folder, extension, mediaType] = kinds[kind] ?? [];
  if (folder === undefined || extension === undefined) return describeWithoutFile(kind, randomDigits);
  const name = file.name ?? `${kind}.${extension}`;
  const content =
    file.content === undefined ? undefined : Buffer.from(file.content, file.base64 === true ? 'base64' : 'utf8');
  const add = (bytes: number): Record<string, unknown> => {
    const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : extension;
    const stored = files.add({ folder, extension: ending, bytes, ...(content === undefined ? {} : { content }) });
    return { file_id: stored.id, file_unique_id: stored.uniqueId, file_size: stored.size };
  };
  const bytes = file.bytes ?? 123_456;
  const mime_type = file.mediaType ?? mediaType;
  switch (kind) {
    case 'photo':
      return {
        photo: [
          { ...add(Math.ceil(bytes / 100)), width: Math.ceil(width / 10), height: Math.ceil(height / 10) },
          { ...add(bytes), width, height },
        ],
      };
    case 'document':
      return { document: { ...add(bytes), file_name: name, mime_type } };
    case 'voice':
      return { voice: { ...add(bytes), duration, mime_type } };
    case 'audio':
      return { audio: { ...add(bytes), duration, mime_type, file_name: name, title: name } };
    case 'video':
      return { video: { ...add(bytes), width, height, duration, mime_type, file_name: name } };
    case 'video_note':
      return { video_note: { ...add(bytes), length: Math.min(width, height), duration } };
    case 'sticker':
      return {
        sticker: {
          ...add(bytes),
          type: 'regular',
          width: 512,
          height: 512,
          is_animated: false,
          is_video: false,
          emoji: '👍',
        },
      };
    default: {
      // An animation comes as a document too, for clients that know no animations.
      const animation = { ...add(bytes), width, height, duration, mime_type, file_name: name };
      return { animation, document: animation };
    }
  }
}

function describeWithoutFile(kind: MediaKind, randomDigits: (length: number) => string): Record<string, unknown> {
  const location = { latitude: 52.52, longitude: 13.405 };
  switch (kind) {
    case 'contact':
      return { contact: { phone_number: '+4930123456', first_name: 'Ada' } };
    case 'location':
      return { location };
    case 'venue':
      return { venue: { location, title: 'Library', address: 'Dorotheenstraße 27' }, location };
    case 'dice':
      return { dice: { emoji: '🎲', value: 4 } };
    default:
      return {
        poll: {
          id: randomDigits(19),
          question: 'Tea or coffee?',
          options: ['Tea', 'Coffee'].map((text) => ({ text, voter_count: 0 })),
          total_voter_count: 0,
          is_closed: false,
          is_anonymous: true,
          type: 'regular',
          allows_multiple_answers: false,
        },
      };
  }
}
