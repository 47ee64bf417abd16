import { runInBothRuntimes } from '../both-runtimes.ts';
import { cases } from './key-statement.cases.ts';

runInBothRuntimes(new URL('./key-statement.cases.ts', import.meta.url), cases);
