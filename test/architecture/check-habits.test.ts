/** Shows on single files that each habit can be broken. */
import { expect, test } from 'vitest';
import { type Habits, checkHabits } from './check-habits.ts';
import { readSource } from './read-source.ts';

const faults = (path: string, text = '', habits: Partial<Habits> = {}): string[] =>
  checkHabits(new Map([[path, readSource(path, text)]]), { defaultExports: [], reaches: {}, ...habits });

test.each(['shared/index.ts', 'local-agent/http/index.tsx'])('%s is a barrel', (path) => {
  expect(faults(path)).toEqual([`${path} is a barrel`]);
});

test.each([
  'utils.ts',
  'util.ts',
  'string-utils.ts',
  'helpers/add.ts',
  'test-helper.ts',
  'common.ts',
  'common/log.ts',
  'manager.ts',
  'link-manager.ts',
  'misc.ts',
  'common-sense.ts',
])('%s has a name that says nothing', (name) => {
  expect(faults(`shared/${name}`)).toEqual([`shared/${name} has a name that says nothing`]);
});

test.each(['Error.ts', 'verifyJob.ts', 'verify_job.ts', 'Wire/job.ts', 'verify--job.ts', '-job.ts'])(
  '%s is not in kebab-case',
  (name) => {
    expect(faults(`shared/${name}`)).toEqual([`shared/${name} is not in kebab-case`]);
  },
);

test.each(['verify-job.ts', 'error.ts', 'wire/job.ts', 'uncommon.ts', 'manage.ts', 'tar2.ts', 'http.cases.ts'])(
  '%s is a good name',
  (name) => {
    expect(faults(`shared/${name}`)).toEqual([]);
  },
);

test('a default export is stopped, unless the file may have one', () => {
  expect(faults('workers/worker.ts', 'export default {};')).toEqual(['workers/worker.ts has a default export']);
  expect(faults('workers/worker.ts', 'export default {};', { defaultExports: ['workers/worker.ts'] })).toEqual([]);
});

test('shared imports nothing that only one runtime has', () => {
  expect(faults('shared/error.ts', "import 'node:fs';")).toEqual([
    'shared/error.ts:1 imports node:fs: shared runs everywhere',
  ]);
  expect(faults('shared/error.ts', "import type { A } from 'cloudflare:workers';")).toHaveLength(1);
  expect(faults('local-agent/main.ts', "import 'node:fs';")).toEqual([]);
});

test('zod is imported so that a bundler can leave out most of it', () => {
  expect(faults('shared/error.ts', "import { z } from 'zod';")).toEqual([
    'shared/error.ts:1 imports z by name: the bundles then hold all of zod, and with `import * as z` a quarter',
  ]);
  expect(faults('shared/error.ts', "import * as z from 'zod';")).toEqual([]);
  expect(faults('shared/error.ts', "import type * as z from 'zod';")).toEqual([]);
});

test('clock, timers, chance and environment are reached by the files that may, and only for what they may', () => {
  const text = 'Date.now(); setTimeout(f, 1); Math.random(); process.env.HOME;';
  expect(faults('local-agent/agent/loop.ts', text)).toEqual([
    'local-agent/agent/loop.ts:1 reaches for clock past its port',
    'local-agent/agent/loop.ts:1 reaches for timer past its port',
    'local-agent/agent/loop.ts:1 reaches for chance past its port',
    'local-agent/agent/loop.ts:1 reaches for process.env past its port',
  ]);
  const reaches = {
    'local-agent/agent/': ['clock', 'timer'],
    'local-agent/agent/loop.ts': ['chance'],
    'local-agent/other.ts': ['process.env'],
  } as const;
  expect(faults('local-agent/agent/loop.ts', text, { reaches })).toEqual([
    'local-agent/agent/loop.ts:1 reaches for process.env past its port',
  ]);
});
