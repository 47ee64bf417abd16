/** Fails on what the house does not do: barrels, default exports, catch-all names, and reaching for the world past the ports. */
import type { House } from './check-imports.ts';
import type { Reach } from './read-source.ts';

export interface Habits {
  /** Files that may have a default export. */
  defaultExports: readonly string[];
  /** Files, or folders with a slash at their end, that may reach for the world, and what they may reach for. */
  reaches: Readonly<Record<string, readonly Reach['what'][]>>;
}

const catchAll = /(^|[/-])(utils?|helpers?|common|managers?|misc)(?=[./-]|$)/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

export function checkHabits(house: House, habits: Habits): string[] {
  return [...house].flatMap(([path, source]) => [
    ...checkName(path),
    ...(source.defaultExport && !habits.defaultExports.includes(path) ? [`${path} has a default export`] : []),
    ...source.imports
      .filter(({ specifier }) => path.startsWith('shared/') && /^(node|cloudflare):/.test(specifier))
      .map(({ specifier, line }) => `${path}:${line} imports ${specifier}: shared runs everywhere`),
    ...source.imports
      .filter(({ specifier, kind, names }) => specifier === 'zod' && kind !== 'type' && names.includes('z'))
      .map(
        ({ line }) =>
          `${path}:${line} imports z by name: the bundles then hold all of zod, and with \`import * as z\` a quarter`,
      ),
    ...source.reaches
      .filter(({ what }) => !mayReach(path, what, habits.reaches))
      .map(({ what, line }) => `${path}:${line} reaches for ${what} past its port`),
  ]);
}

function checkName(path: string): string[] {
  const parts = path.split('/');
  return [
    ...(/\/index\.[a-z.]+$/.test(`/${path}`) ? [`${path} is a barrel`] : []),
    ...(catchAll.test(path) ? [`${path} has a name that says nothing`] : []),
    ...(parts.every((part) => kebabCase.test(part)) ? [] : [`${path} is not in kebab-case`]),
  ];
}

function mayReach(path: string, what: Reach['what'], reaches: Habits['reaches']): boolean {
  return Object.entries(reaches).some(
    ([place, allowed]) => allowed.includes(what) && (place.endsWith('/') ? path.startsWith(place) : path === place),
  );
}
