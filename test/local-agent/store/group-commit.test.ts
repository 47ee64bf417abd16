import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Db } from '../../../local-agent/store/database.ts';
import { type Commit, createGroupCommit } from '../../../local-agent/store/group-commit.ts';
import { memoryDb } from '../../support/memory-db.ts';

let db: Db;
let commit: Commit;
let transactions: number;
beforeEach(() => {
  db = memoryDb();
  db.$client.exec('create table note (text text not null unique)');
  transactions = 0;
  commit = createGroupCommit(db, (work) =>
    setImmediate(() => {
      transactions += 1;
      work();
    }),
  );
});
afterEach(() => db.$client.close());

const note = (text: string) => () => db.$client.prepare('insert into note values (?)').run(text).changes;
const notes = () => db.$client.prepare('select text from note order by rowid').pluck().all();

it('what comes together shares a transaction, in its order, and each gets its own result', async () => {
  expect(await Promise.all([commit(note('one')), commit(note('two')), commit(() => notes())])).toEqual([
    1,
    1,
    ['one', 'two'],
  ]);
  expect(transactions).toBe(1);
});

it('resolves only when it is durable', async () => {
  const done = commit(note('one'));
  expect(notes()).toEqual([]);
  await done;
  expect(db.$client.inTransaction).toBe(false);
  expect(notes()).toEqual(['one']);
});

it('one that fails is undone alone', async () => {
  const outcomes = await Promise.allSettled([
    commit(note('one')),
    commit(() => {
      note('two')();
      throw new Error('changed my mind');
    }),
    commit(note('one')),
    commit(note('three')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(notes()).toEqual(['one', 'three']);
});

it('when the database undoes everything, everybody is told', async () => {
  const outcomes = await Promise.allSettled([
    commit(note('one')),
    commit(() => void db.$client.exec('rollback')),
    commit(note('three')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(notes()).toEqual([]);
  await commit(note('four'));
  expect(notes()).toEqual(['four']);
});
