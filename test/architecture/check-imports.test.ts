/** Shows on small houses that each rule about imports can fail. */
import { describe, expect, test } from 'vitest';
import { checkImports } from './check-imports.ts';
import { readSource } from './read-source.ts';
import type { Exception } from './rooms.ts';

const faults = (files: Record<string, string>, exceptions: readonly Exception[] = []): string[] =>
  checkImports(new Map(Object.entries(files).map(([path, text]) => [path, readSource(path, text)])), { exceptions });

const empty = {
  'shared/error.ts': '',
  'local-agent/core/clock.ts': '',
  'local-agent/models/choose.ts': '',
  'local-agent/http/app.ts': '',
  'local-agent/main.ts': '',
};

describe('lets through', () => {
  test.each([
    ['local-agent/core/log.ts', '../../shared/error.ts'],
    ['local-agent/core/log.ts', './clock.ts'],
    ['local-agent/agent/loop.ts', '../models/choose.ts'],
    ['local-agent/compose.ts', './http/app.ts'],
    ['workers/worker.ts', '../shared/error.ts'],
    ['local-agent/cli/commands/status.ts', '../../../shared/error.ts'],
    ['local-agent/agent/loop.ts', 'node:fs'],
    ['local-agent/agent/loop.ts', 'drizzle-orm'],
    ['local-agent/cli/pryx.ts', '../../package.json'],
  ])('%s importing %s', (path, specifier) => {
    expect(faults({ ...empty, [path]: `import '${specifier}';` })).toEqual([]);
  });
});

describe('stops', () => {
  test.each([
    ['local-agent/core/log.ts', '../models/choose.ts', 'climbs from core (1) to local-agent/models/choose.ts (4)'],
    [
      'shared/api/status.ts',
      '../../local-agent/core/clock.ts',
      'climbs from shared (0) to local-agent/core/clock.ts (1)',
    ],
    ['local-agent/agent/loop.ts', '../main.ts', 'climbs from agent (5) to local-agent/main.ts (9)'],
    [
      'local-agent/memory/recall.ts',
      '../models/choose.ts',
      'goes sideways from memory (4) to local-agent/models/choose.ts',
    ],
    ['local-agent/channels/inbox.ts', '../http/app.ts', 'goes sideways from channels (7) to local-agent/http/app.ts'],
    [
      'workers/worker.ts',
      '../local-agent/core/clock.ts',
      'goes from workers into local-agent/core/clock.ts: only shared is open to it',
    ],
    [
      'local-agent/cli/pryx.ts',
      '../core/clock.ts',
      'goes from cli into local-agent/core/clock.ts: only shared is open to it',
    ],
    [
      'local-agent/control-center/app/main.tsx',
      '../../http/app.ts',
      'goes from control-center into local-agent/http/app.ts: only shared is open to it',
    ],
    [
      'local-agent/attic/box.ts',
      '../core/clock.ts',
      'goes from attic into local-agent/core/clock.ts: that is no room of the house',
    ],
    ['local-agent/core/log.ts', '../../test/support/clock.ts', 'leaves the house: test/support/clock.ts'],
    ['local-agent/core/log.ts', './gone.ts', 'imports local-agent/core/gone.ts, which is not there'],
    ['local-agent/core/log.ts', './clock', 'imports ./clock without its suffix'],
    ['local-agent/core/log.ts', './clock.js', 'imports ./clock.js without its suffix'],
    ['local-agent/core/log.ts', '#core/clock.ts', 'imports #core/clock.ts: no absolute paths and no aliases'],
    ['local-agent/core/log.ts', '@/core/clock.ts', 'imports @/core/clock.ts: no absolute paths and no aliases'],
    ['local-agent/core/log.ts', '/core/clock.ts', 'imports /core/clock.ts: no absolute paths and no aliases'],
  ])('%s importing %s', (path, specifier, fault) => {
    for (const text of [
      `import '${specifier}';`,
      `import type { A } from '${specifier}';`,
      `await import('${specifier}');`,
    ])
      expect(faults({ ...empty, [path]: text })).toEqual([`${path}:1 ${fault}`]);
  });

  test('anybody importing cli or workers', () => {
    expect(faults({ 'local-agent/main.ts': "import './cli/pryx.ts';", 'local-agent/cli/pryx.ts': '' })).toEqual([
      'local-agent/main.ts:1 goes from local-agent into local-agent/cli/pryx.ts: nobody imports cli',
    ]);
    expect(faults({ 'shared/error.ts': "import '../workers/worker.ts';", 'workers/worker.ts': '' })).toEqual([
      'shared/error.ts:1 goes from shared into workers/worker.ts: nobody imports workers',
    ]);
  });

  test('one channel importing another, and not what all channels share', () => {
    const channels = {
      'local-agent/channels/inbox.ts': '',
      'local-agent/channels/slack/send.ts': '',
      'local-agent/channels/telegram/read.ts': "import '../slack/send.ts';",
      'local-agent/channels/telegram/send.ts': "import '../inbox.ts';",
    };
    expect(faults(channels)).toEqual([
      'local-agent/channels/telegram/read.ts:1 goes from the channel telegram into the channel slack',
    ]);
  });

  test('an import that only running it can tell', () => {
    expect(faults({ 'shared/error.ts': 'await import(name);' })).toEqual([
      'shared/error.ts:1 imports something that only running it can tell',
    ]);
  });
});

describe('a circle', () => {
  test('is stopped and named once, however it is entered', () => {
    const files = {
      'shared/c.ts': "import './a.ts';",
      'shared/b.ts': "import './c.ts';",
      'shared/a.ts': "import './b.ts';",
      'shared/outside.ts': "import './b.ts';",
    };
    expect(faults(files)).toEqual(['shared/a.ts → shared/b.ts → shared/c.ts → shared/a.ts is a circle']);
  });

  test('counts when types alone close it, or an import that comes later', () => {
    expect(
      faults({ 'shared/a.ts': "import './b.ts';", 'shared/b.ts': "import type { A } from './a.ts';" }),
    ).toHaveLength(1);
    expect(faults({ 'shared/a.ts': "import './b.ts';", 'shared/b.ts': "await import('./a.ts');" })).toHaveLength(1);
  });

  test('counts when a file imports itself', () => {
    expect(faults({ 'shared/a.ts': "import './a.ts';" })).toEqual(['shared/a.ts → shared/a.ts is a circle']);
  });

  test('is not made by two ways to the same file', () => {
    const files = {
      'shared/a.ts': "import './b.ts'; import './c.ts';",
      'shared/b.ts': "import './c.ts';",
      'shared/c.ts': '',
    };
    expect(faults(files)).toEqual([]);
  });
});

describe('an exception', () => {
  const door: Exception = {
    from: 'local-agent/cli/daemon.ts',
    to: 'local-agent/main.ts',
    kinds: ['dynamic'],
    why: 'here',
  };
  const files = (from: string, text: string) => ({ [from]: text, 'local-agent/main.ts': '' });

  test('opens one door, for the kind of import it names', () => {
    expect(faults(files('local-agent/cli/daemon.ts', "await import('../main.ts');"), [door])).toEqual([]);
    expect(faults(files('local-agent/cli/daemon.ts', "import '../main.ts';"), [door])).toHaveLength(1);
    expect(faults(files('local-agent/cli/other.ts', "await import('../main.ts');"), [door])).toHaveLength(1);
  });
});
