/** Fails on imports that climb, go sideways, make a circle, or are written in a way the house does not write them. */
import { posix } from 'node:path';
import { type Exception, outbuildings, roomOf, rooms } from './rooms.ts';
import type { Import, Source } from './read-source.ts';

export type House = ReadonlyMap<string, Source>;

export interface ImportRules {
  exceptions: readonly Exception[];
}

/** One line for each import that breaks a rule. `house` maps paths from the top of the repository to what was read there. */
export function checkImports(house: House, { exceptions }: ImportRules): string[] {
  const faults: string[] = [];
  for (const [path, { imports, unknownImports }] of house) {
    for (const line of unknownImports) faults.push(`${path}:${line} imports something that only running it can tell`);
    for (const each of imports) {
      const fault = judge(path, each, exceptions, house);
      if (fault !== undefined) faults.push(`${path}:${each.line} ${fault}`);
    }
  }
  return [...faults, ...findCircles(house)];
}

function judge(
  path: string,
  { specifier, kind }: Import,
  exceptions: readonly Exception[],
  house: House,
): string | undefined {
  if (!specifier.startsWith('.'))
    return /^[/#~]|^@\//.test(specifier) ? `imports ${specifier}: no absolute paths and no aliases` : undefined;
  const target = resolve(path, specifier);
  // What stands in a page as text is no code of ours.
  if (/\.(css|client\.js)$/.test(target)) return undefined;
  if (!/\.(ts|tsx|json)$/.test(target)) return `imports ${specifier} without its suffix`;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from === undefined) return undefined;
  const opens = (door: Exception): boolean =>
    door.kinds.some((each) => each === kind) && fits(path, door.from) && fits(target, door.to);
  if (exceptions.some(opens)) return undefined;
  if (to === undefined) return target.endsWith('.json') ? undefined : `leaves the house: ${target}`;
  if (!house.has(target)) return `imports ${target}, which is not there`;
  return from === to ? judgeWithin(path, target) : judgeBetween(from, to, target);
}

const resolve = (path: string, specifier: string): string =>
  posix.normalize(posix.join(posix.dirname(path), specifier));
const fits = (path: string, pattern: string): boolean =>
  pattern.endsWith('/') ? path.startsWith(pattern) : path === pattern;

function judgeBetween(from: string, to: string, target: string): string | undefined {
  if (outbuildings.includes(from))
    return to === 'shared' ? undefined : `goes from ${from} into ${target}: only shared is open to it`;
  if (outbuildings.includes(to)) return `goes from ${from} into ${target}: nobody imports ${to}`;
  const [own, other] = [rooms[from], rooms[to]];
  if (own === undefined || other === undefined) return `goes from ${from} into ${target}: that is no room of the house`;
  if (other > own) return `climbs from ${from} (${own}) to ${target} (${other})`;
  return other === own ? `goes sideways from ${from} (${own}) to ${target}` : undefined;
}

/** One channel, one folder: none knows another. */
function judgeWithin(path: string, target: string): string | undefined {
  const [one, other] = [path, target].map((file) => /^local-agent\/channels\/([^/]+)\//.exec(file)?.[1]);
  return one !== undefined && other !== undefined && one !== other
    ? `goes from the channel ${one} into the channel ${other}`
    : undefined;
}

/** Each circle once, as the files along it. Types count: two files that need each other are one thought. */
function findCircles(house: House): string[] {
  const circles = new Set<string>();
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.add(nameCircle(trail.slice(start)));
    if (start >= 0 || done.has(path)) return;
    for (const { specifier } of house.get(path)?.imports ?? [])
      if (specifier.startsWith('.') && house.has(resolve(path, specifier)))
        walk(resolve(path, specifier), [...trail, path]);
    done.add(path);
  };
  for (const path of house.keys()) walk(path, []);
  return [...circles];
}

/** Starts with the file that is first by its name, so that one circle has one name. */
function nameCircle(files: readonly string[]): string {
  const first = files.indexOf(files.toSorted()[0] ?? '');
  const turned = [...files.slice(first), ...files.slice(0, first)];
  return `${turned.join(' → ')} → ${turned[0]} is a circle`;
}
