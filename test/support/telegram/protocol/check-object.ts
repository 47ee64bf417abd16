/** JSON objects within parameters against the table; the sentences are those of JsonBuilder.cpp and Client.cpp of the Bot API server. */
import { badRequest } from './bot-api-error.ts';
import type { Field, FieldType, MethodTable } from './method-table.ts';

/** What comes before the complaint when it is about a part of one of these. */
const prefixes: Record<string, string> = {
  InlineKeyboardButton: "can't parse inline keyboard button: ",
  KeyboardButton: "can't parse keyboard button: ",
  MessageEntity: "can't parse MessageEntity: ",
  ReactionType: "can't parse ReactionType: ",
  BotCommand: "can't parse BotCommand: ",
  BotCommandScope: "can't parse BotCommandScope: ",
};

interface Place {
  table: MethodTable;
  prefix: string;
  /** `reply_markup.inline_keyboard[]`. */
  path: string;
  /** Told what Telegram would not notice. */
  overlooked(detail: string): void;
}

/** Throws BotApiError. */
export function checkValue(field: Field, value: unknown, place: Place): void {
  const type = field.types[0] as FieldType;
  const names = field.types.map((each) => each.name);
  if (type.depth > 0) {
    if (!Array.isArray(value)) throw badRequest(place.prefix + arrayExpected(field.name, place.path));
    const item: Field = { ...field, types: field.types.map((each) => ({ ...each, depth: each.depth - 1 })) };
    for (const each of value) checkValue(item, each, { ...place, path: `${place.path}[]` });
  } else if (names.every(isScalar)) checkScalar(field.name, names, value, place.prefix);
  else checkObject(names, value, { ...place, prefix: prefixes[type.name] ?? place.prefix });
}

export const isScalar = (type: string): boolean =>
  type === 'String' || type === 'Integer' || type === 'Boolean' || type === 'Float' || type === 'InputFile';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function arrayExpected(name: string, path: string): string {
  if (!path.endsWith('[]')) return `Field "${name}" must be of type Array`;
  return `Field "${name}" ${name === 'inline_keyboard' ? 'of the InlineKeyboardMarkup ' : ''}must be an Array of Arrays`;
}

/** Numbers may be written as text, and the other way round; anything else is refused. */
function checkScalar(name: string, types: readonly string[], value: unknown, prefix: string): void {
  const isText = typeof value === 'string';
  if (types.includes('String') && (isText || typeof value === 'number')) return;
  if (types.includes('Integer') && (Number.isSafeInteger(value) || (isText && /^-?\d{1,19}$/.test(value)))) return;
  if (types.includes('Float') && typeof value === 'number') return;
  if (types.includes('Boolean') && typeof value === 'boolean') return;
  if (types.includes('Integer')) throw badRequest(`${prefix}Field "${name}" must be a Number`);
  const expected = types.includes('Float') ? 'Number' : types[0];
  throw badRequest(`${prefix}Field "${name}" must be of type ${expected}`);
}

function checkObject(names: readonly string[], value: unknown, place: Place): void {
  if (!isObject(value)) throw badRequest(`${place.prefix}expected an Object`);
  const { table, path, prefix, overlooked } = place;
  const members = names.flatMap((name) => table.membersOf(name) ?? [name]);
  const type = members.length === 1 ? members[0] : chooseMember(table, members, value);
  if (type === undefined) {
    if (value['type'] !== undefined) throw badRequest(`${prefix}invalid type specified`);
    return overlooked(`${path} is none of ${names.join(', ')}`);
  }
  const fields = table.fieldsOf(type);
  for (const name in value) if (!fields?.has(name)) overlooked(`${path}.${name}`);
  for (const field of fields?.values() ?? []) {
    const given = value[field.name];
    if (given !== undefined && given !== null) checkValue(field, given, { ...place, path: `${path}.${field.name}` });
    // Of a mentioned user only the id is looked at (MessageEntity).
    else if (field.required && (type !== 'User' || field.name === 'id'))
      throw badRequest(`${prefix}Can't find field "${field.name}"`);
  }
}

/** The member whose constants fit; when none has constants, the one whose required fields are all there. */
function chooseMember(
  table: MethodTable,
  members: readonly string[],
  value: Record<string, unknown>,
): string | undefined {
  let byConstant: string | undefined;
  for (const member of members) {
    const required = [...(table.fieldsOf(member)?.values() ?? [])].filter((field) => field.required);
    const constants = required.flatMap((field) => field.types[0]?.constant ?? []);
    const fits = required.every(
      ({ name, types: [type] }) => type?.constant === undefined || type.constant === value[name],
    );
    if (!fits) continue;
    if (required.every((field) => field.name in value)) return member;
    if (constants.length > 0) byConstant ??= member;
  }
  return byConstant;
}
