/** Bold and its like cannot contain code, nor be part of it (Bot API, "Formatting options"): they are cut into the pieces around it. */
import type { Entity } from './content.ts';

export function cutAroundCode(entities: readonly Entity[]): Entity[] {
  const holes = entities
    .filter(({ type }) => type === 'code' || type === 'pre')
    .toSorted((a, b) => a.offset - b.offset);
  return entities.flatMap((entity) =>
    entity.type === 'bold' || entity.type === 'italic' || entity.type === 'strikethrough'
      ? pieces(entity, holes)
      : [entity],
  );
}

function pieces(entity: Entity, holes: readonly Entity[]): Entity[] {
  const end = entity.offset + entity.length;
  const result: Entity[] = [];
  let from = entity.offset;
  for (const hole of holes) {
    if (hole.offset + hole.length <= from || hole.offset >= end) continue;
    if (hole.offset > from) result.push({ ...entity, offset: from, length: hole.offset - from });
    from = hole.offset + hole.length;
  }
  if (end > from) result.push({ ...entity, offset: from, length: end - from });
  return result;
}
