/** What the checks of the architecture want to know of one file, read from its syntax tree. */
import { parseSync } from 'rolldown/utils';

export interface Import {
  specifier: string;
  /** `type`: gone at run time. `dynamic`: loaded when it is wanted. */
  kind: 'static' | 'dynamic' | 'type';
  /** What is imported by name. */
  names: string[];
  line: number;
}

/** Something that reaches past the ports of the house, by the name it goes by in the rules. */
export interface Reach {
  what: 'process.env' | 'clock' | 'timer' | 'chance';
  line: number;
}

export interface Source {
  imports: Import[];
  /** `import()` of something that only running it could tell. */
  unknownImports: number[];
  defaultExport: boolean;
  reaches: Reach[];
}

export function readSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const source: Source = { imports: [], unknownImports: [], defaultExport: false, reaches: [] };
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  for (const node of nodesOf(program)) {
    readImport(node, source, lineOf(node.start));
    const what = reachOf(node);
    if (what !== undefined) source.reaches.push({ what, line: lineOf(node.start) });
  }
  return source;
}

interface Node {
  type: string;
  start: number;
  [member: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

function* nodesOf(value: unknown): Generator<Node> {
  if (isNode(value)) yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) yield* nodesOf(member);
}

function readImport(node: Node, source: Source, line: number): void {
  const add = (kind: Import['kind']): void => {
    if (!isNode(node.source)) return;
    const specifier = node.source.value;
    if (typeof specifier === 'string') source.imports.push({ specifier, kind, names: namesOf(node), line });
    else source.unknownImports.push(line);
  };
  switch (node.type) {
    case 'ImportDeclaration':
      add(onlyTypes(node) ? 'type' : 'static');
      break;
    case 'ExportAllDeclaration':
      add(node.exportKind === 'type' ? 'type' : 'static');
      break;
    case 'ExportNamedDeclaration':
      add(node.exportKind === 'type' ? 'type' : 'static');
      source.defaultExport ||= specifiersOf(node).some(
        ({ exported }) => isNode(exported) && exported.name === 'default',
      );
      break;
    case 'ExportDefaultDeclaration':
      source.defaultExport = true;
      break;
    case 'ImportExpression':
      add('dynamic');
      break;
    case 'TSImportType':
      add('type');
      break;
  }
}

const specifiersOf = (node: Node): Node[] => (Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : []);

const namesOf = (node: Node): string[] =>
  specifiersOf(node).flatMap(({ imported }) => (isNode(imported) ? [String(imported.name)] : []));

/** `import type { A }`, and `import { type A }`: with `verbatimModuleSyntax` the second one still loads the file, so it counts as static. */
const onlyTypes = (node: Node): boolean => node.importKind === 'type';

/** Names of the world outside, and what they reach for. */
const globals: Readonly<Record<string, Reach['what']>> = {
  'process.env': 'process.env',
  'Date.now': 'clock',
  'performance.now': 'clock',
  'process.hrtime': 'clock',
  'Math.random': 'chance',
  setTimeout: 'timer',
  setInterval: 'timer',
};

/** Modules by which the same can be had. */
const modules: readonly (readonly [pattern: RegExp, what: Reach['what']])[] = [
  [/^(node:)?timers(\/|$)/, 'timer'],
  [/^(node:)?process$/, 'process.env'],
  [/^(node:)?perf_hooks$/, 'clock'],
];

function reachOf(node: Node): Reach['what'] | undefined {
  switch (node.type) {
    case 'MemberExpression':
      return globals[nameOf(node) ?? ''];
    case 'CallExpression':
      return isNode(node.callee) && node.callee.type === 'Identifier' ? globals[nameOf(node.callee) ?? ''] : undefined;
    case 'NewExpression':
      return isNode(node.callee) &&
        node.callee.name === 'Date' &&
        Array.isArray(node.arguments) &&
        node.arguments.length === 0
        ? 'clock'
        : undefined;
    case 'ImportDeclaration':
    case 'ImportExpression':
      return isNode(node.source) && !onlyTypes(node)
        ? modules.find(([pattern]) => pattern.test(String((node.source as Node).value)))?.[1]
        : undefined;
    default:
      return undefined;
  }
}

/** `Date.now` of that expression; also as `globalThis.Date.now`. */
function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression' || !isNode(node.object) || !isNode(node.property)) return undefined;
  const property = node.computed === true ? node.property.value : node.property.name;
  const name = `${nameOf(node.object)}.${String(property)}`;
  return name.replace(/^globalThis\./, '');
}
