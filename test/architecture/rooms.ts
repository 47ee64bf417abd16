/** The rooms of the house and who may see whom: section 1 of the design, as a table. */

/** A room imports itself, and rooms with a smaller number. */
export const rooms: Readonly<Record<string, number>> = {
  shared: 0,
  core: 1,
  store: 2,
  telemetry: 2,
  trust: 3,
  workspaces: 4,
  memory: 4,
  models: 4,
  tools: 4,
  skills: 4,
  agent: 5,
  work: 6,
  channels: 7,
  'edge-link': 7,
  http: 7,
  daemon: 8,
  /** compose, main and what else lies beside them. */
  'local-agent': 9,
};

/** Beside the numbered ones: they see `shared` alone, and nobody sees them. */
export const outbuildings: readonly string[] = ['workers', 'cli', 'control-center'];

/** The room that a file lies in; `undefined` for what is no part of the house. */
export function roomOf(path: string): string | undefined {
  const [top, second, ...rest] = path.split('/');
  if (top === 'shared' || top === 'workers') return top;
  if (top !== 'local-agent' || second === undefined) return undefined;
  return rest.length === 0 ? 'local-agent' : second;
}

export interface Exception {
  from: string;
  /** A file, or a folder with a slash at its end. */
  to: string;
  kinds: readonly ('dynamic' | 'type')[];
  why: string;
}

/** The doors in the walls, each with its reason. None is open to an import that loads at once. */
export const exceptions: readonly Exception[] = [
  {
    from: 'local-agent/cli/pryx.ts',
    to: 'local-agent/main.ts',
    kinds: ['dynamic'],
    why: 'one bundle is CLI and daemon both; what belongs to the daemon is loaded when it is to run',
  },
  {
    from: 'local-agent/cli/context.ts',
    to: 'local-agent/main.ts',
    kinds: ['type'],
    why: 'what the daemon takes when it is loaded',
  },
  {
    from: 'local-agent/cli/commands/daemon.ts',
    to: 'local-agent/core/settings.ts',
    kinds: ['dynamic'],
    why: 'the settings of the daemon, loaded with it',
  },
  {
    from: 'local-agent/cli/commands/settings.ts',
    to: 'local-agent/core/',
    kinds: ['dynamic'],
    why: 'the settings as a daemon started from this shell would read them',
  },
  {
    from: 'local-agent/cli/',
    to: 'test/support/telegram/',
    kinds: ['dynamic', 'type'],
    why: '`pryx dev` runs the same stand-in of Telegram as the tests',
  },
  {
    from: 'local-agent/cli/',
    to: 'local-agent/http/',
    kinds: ['type'],
    why: 'the type of the local API',
  },
  {
    from: 'local-agent/control-center/',
    to: 'local-agent/http/',
    kinds: ['type'],
    why: 'the type of the local API',
  },
];
