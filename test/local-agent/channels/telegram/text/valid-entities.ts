/** What the Bot API asks of entities ("Formatting options"), as a judge for tests; gives what is wrong, or nothing. */
import type { Entity, FormattedText } from '../../../../../local-agent/channels/telegram/text/content.ts';

const nestable = new Set(['bold', 'italic', 'strikethrough']);

export function faultsOf({ text, entities }: FormattedText): string[] {
  const faults: string[] = [];
  for (const entity of entities) {
    const end = entity.offset + entity.length;
    if (entity.length <= 0 || entity.offset < 0 || end > text.length) faults.push(`out of bounds: ${show(entity)}`);
    if (splitsPair(text, entity.offset) || splitsPair(text, end)) faults.push(`splits a character: ${show(entity)}`);
  }
  entities.forEach((one, index) => {
    for (const other of entities.slice(index + 1)) {
      if (one.offset >= other.offset + other.length || other.offset >= one.offset + one.length) continue;
      if (!contains(one, other) && !contains(other, one)) faults.push(`crosses: ${show(one)} ${show(other)}`);
      if (!mayNest(one.type, other.type)) faults.push(`nests: ${show(one)} ${show(other)}`);
    }
  });
  return faults;
}

/** Bold and its like nest with anything but code and each in itself; a quote holds all but a quote; the rest nest with none of the rest. */
function mayNest(one: Entity['type'], other: Entity['type']): boolean {
  if (one === other) return false;
  if (one === 'blockquote' || other === 'blockquote') return true;
  const code = (type: Entity['type']): boolean => type === 'code' || type === 'pre';
  if (nestable.has(one)) return !code(other);
  if (nestable.has(other)) return !code(one);
  return false;
}

const contains = (outer: Entity, inner: Entity): boolean =>
  outer.offset <= inner.offset && inner.offset + inner.length <= outer.offset + outer.length;
const splitsPair = (text: string, position: number): boolean =>
  position > 0 && position < text.length && (text.codePointAt(position - 1) ?? 0) > 0xff_ff;
const show = (entity: Entity): string => `${entity.type} ${entity.offset}+${entity.length}`;

/** Each entity as its kind and the words that it covers, as a reader sees it. */
export const shown = ({ text, entities }: FormattedText): string[] =>
  entities
    .toSorted((a, b) => a.offset - b.offset || b.length - a.length)
    .map((entity) => {
      const words = text.slice(entity.offset, entity.offset + entity.length);
      const detail = 'url' in entity ? ` → ${entity.url}` : 'language' in entity ? ` (${entity.language})` : '';
      return `${entity.type}: ${words}${detail}`;
    });
