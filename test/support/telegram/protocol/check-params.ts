/**
 * Parameters against the table. What Telegram refuses is refused in its words (Client.cpp of the Bot API server); what it would
 * silently overlook is told to `overlooked`.
 */
import { badRequest } from './bot-api-error.ts';
import { checkValue, isObject, isScalar } from './check-object.ts';
import type { Field, FieldType, MethodTable } from './method-table.ts';

export type Params = Record<string, unknown>;

/** How the server names a parameter that is a JSON object when it cannot read it. */
const labels: Record<string, string> = {
  reply_markup: 'reply keyboard markup',
  reply_parameters: 'reply parameters',
  link_preview_options: 'link preview options',
  suggested_post_parameters: 'suggested post parameters',
};

/** What is said when a required parameter is not there, where it is not `parameter "…" is required`. */
const missing: Record<string, string> = {
  chat_id: 'chat_id is empty',
  text: 'message text is empty',
  message_id: 'message identifier is not specified',
  message_ids: 'message identifiers are not specified',
  action: 'wrong parameter action in request',
  file_id: 'file_id not specified',
};

/** Gives the parameters with their types; throws BotApiError. */
export function checkParams(
  table: MethodTable,
  fields: ReadonlyMap<string, Field>,
  raw: Params,
  files: ReadonlyMap<string, unknown>,
  overlooked: (detail: string) => void,
): Params {
  const params: Params = {};
  for (const name in raw) {
    const field = fields.get(name);
    const value = raw[name];
    if (field === undefined) overlooked(name);
    // An empty parameter counts as none, except that an empty URL takes the webhook away (setWebhook).
    else if (value !== null && value !== undefined && (value !== '' || name === 'url'))
      params[name] = checkParam(table, field, value, overlooked);
  }
  for (const field of fields.values())
    if (field.required && !(field.name in params) && !files.has(field.name))
      throw badRequest(missing[field.name] ?? `parameter "${field.name}" is required`);
  return params;
}

function checkParam(table: MethodTable, field: Field, value: unknown, overlooked: (detail: string) => void): unknown {
  const type = field.types[0] as FieldType;
  if (type.depth === 0 && isScalar(type.name)) return readScalar(field, value, overlooked);
  const label = labels[field.name] ?? field.name.replaceAll('_', ' ');
  const parsed = typeof value === 'string' ? parseJson(value, label) : value;
  if (type.depth > 0 && !Array.isArray(parsed)) throw badRequest(`expected an Array of ${type.name}`);
  if (type.depth === 0 && !isObject(parsed)) throw badRequest(`object expected as ${label.replace('keyboard ', '')}`);
  checkValue(field, parsed, { table, prefix: '', path: field.name, overlooked });
  return parsed;
}

/** Forms have nothing but text, so objects may come as JSON within text. */
function parseJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`can't parse ${label} JSON object`);
  }
}

function readScalar(field: Field, value: unknown, overlooked: (detail: string) => void): unknown {
  const isText = typeof value === 'string';
  const types = field.types.map((type) => type.name);
  if (types.includes('Integer')) {
    if (Number.isSafeInteger(value)) return value;
    if (isText && /^-?\d{1,16}$/.test(value)) return Number(value);
    if (isText && types.includes('String')) return value;
  } else if (types.includes('String') || types.includes('InputFile')) {
    if (isText) return value;
    if (typeof value === 'number') {
      overlooked(`${field.name} is a number, not text`);
      return String(value);
    }
  } else if (types.includes('Boolean')) {
    if (typeof value === 'boolean') return value;
    if (isText && /^(true|false|1|0)$/i.test(value)) return /^(true|1)$/i.test(value);
  } else if ((isText || typeof value === 'number') && Number.isFinite(Number(value))) return Number(value);
  throw badRequest(`invalid ${field.name} specified`);
}
