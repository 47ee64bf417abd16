import { runInBothRuntimes } from '../both-runtimes.ts';
import { cases } from './seal.cases.ts';

runInBothRuntimes(new URL('./seal.cases.ts', import.meta.url), cases);
