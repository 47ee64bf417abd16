/** What the Bot API has: methods, their parameters, the types within. Read from `methods.json`, which `derive-methods.ts` makes. */
import type { MethodFacts } from '../derive-methods.ts';
import methods from '../methods.json' with { type: 'json' };

export interface Field {
  name: string;
  required: boolean;
  types: readonly FieldType[];
}

export interface FieldType {
  /** `Integer`, `Float`, `String`, `Boolean`, `InputFile`, or a type of the table. */
  name: string;
  /** How many times "Array of". */
  depth: number;
  /** The only value allowed, for a field that tells the members of a union apart. */
  constant?: string;
}

export interface MethodTable {
  /** The method in its own spelling; names are case-insensitive. */
  find(method: string): { name: string; fields: ReadonlyMap<string, Field> } | undefined;
  fieldsOf(type: string): ReadonlyMap<string, Field> | undefined;
  membersOf(union: string): readonly string[] | undefined;
  /** `message`, `edited_message`, … */
  readonly updateKinds: ReadonlySet<string>;
}

/** Fields are read from the table once, when they are first asked for. */
export function createMethodTable(facts: MethodFacts = methods): MethodTable {
  const names = new Map(Object.keys(facts.methods).map((name) => [name.toLowerCase(), name]));
  const readMethods = new Map<string, { name: string; fields: ReadonlyMap<string, Field> }>();
  const readTypes = new Map<string, ReadonlyMap<string, Field>>();
  return {
    find(method) {
      const known = readMethods.get(method);
      if (known !== undefined) return known;
      const name = names.get(method.toLowerCase());
      if (name === undefined) return undefined;
      const found = { name, fields: readFields(facts.methods[name] ?? '') };
      readMethods.set(method, found);
      return found;
    },
    fieldsOf(type) {
      let fields = readTypes.get(type);
      const text = facts.types[type];
      if (fields === undefined && text !== undefined) {
        fields = readFields(text);
        readTypes.set(type, fields);
      }
      return fields;
    },
    membersOf: (union) => facts.unions[union]?.split('|'),
    updateKinds: new Set(facts.updates),
  };
}

function readFields(text: string): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const part of text === '' ? [] : text.split(', ')) {
    const [, name = '', optional, types = ''] = /^(\w+)(\??): (.+)$/.exec(part) ?? [];
    fields.set(name, { name, required: optional === '', types: types.split('|').map(readType) });
  }
  return fields;
}

function readType(text: string): FieldType {
  if (text.startsWith('=')) return { name: 'String', depth: 0, constant: text.slice(1) };
  const name = text.replaceAll('Array of ', '');
  return { name, depth: (text.length - name.length) / 'Array of '.length };
}
