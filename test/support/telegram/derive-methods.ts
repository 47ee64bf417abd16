/**
 * Makes `methods.json` from a machine-readable description of the Bot API: `node derive-methods.ts <description.json>`.
 * Facts only: names, types, what is required, the constant of a discriminating field. No text is taken over.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Field {
  name: string;
  types: string[];
  required: boolean;
  description: string;
}

interface Description {
  version: string;
  methods: Record<string, { fields?: Field[] }>;
  types: Record<string, { fields?: Field[]; subtypes?: string[] }>;
}

/** Fields are written `chat_id: Integer|String, parse_mode?: String`; `type: =emoji` is a constant. */
export interface MethodFacts {
  version: string;
  /** The fields of `Update`, that is its kinds. */
  updates: string[];
  methods: Record<string, string>;
  /** Only types that parameters can hold. */
  types: Record<string, string>;
  /** Types that are one of several: `A|B`. */
  unions: Record<string, string>;
}

export function deriveMethods(description: Description): MethodFacts {
  const types: Record<string, string> = {};
  const unions: Record<string, string> = {};
  const visit = (type: string): void => {
    const name = type.replaceAll('Array of ', '');
    const found = description.types[name];
    if (found === undefined || name in types || name in unions) return;
    if (found.subtypes === undefined) types[name] = writeFields(found.fields ?? []);
    else unions[name] = found.subtypes.join('|');
    for (const subtype of found.subtypes ?? []) visit(subtype);
    for (const field of found.fields ?? []) for (const fieldType of field.types) visit(fieldType);
  };

  const methods: Record<string, string> = {};
  for (const [name, { fields = [] }] of Object.entries(description.methods)) {
    methods[name] = writeFields(fields);
    for (const field of fields) for (const type of field.types) visit(type);
  }
  const updates = (description.types['Update']?.fields ?? []).map((field) => field.name).slice(1);
  return { version: description.version, updates, methods, types, unions };
}

function writeFields(fields: Field[]): string {
  return fields.map((field) => `${field.name}${field.required ? '' : '?'}: ${writeType(field)}`).join(', ');
}

/** A required `type` or `source` that can have one value only tells the members of a union apart. */
function writeType(field: Field): string {
  const constant = /(?:always|must be) [“"]?([a-z0-9_]+)[”"]?\.?$/.exec(field.description)?.[1];
  const tellsApart = field.required && (field.name === 'type' || field.name === 'source');
  return tellsApart && constant !== undefined ? `=${constant}` : field.types.join('|');
}

if (import.meta.main) {
  const path = process.argv[2];
  if (path === undefined) {
    process.stderr.write('Give the path of a description of the Bot API.\n');
    process.exit(2);
  }
  const facts = deriveMethods(JSON.parse(readFileSync(path, 'utf8')) as Description);
  writeFileSync(new URL('methods.json', import.meta.url), `${JSON.stringify(facts, null, 2)}\n`);
}
