import { runInBothRuntimes } from '../both-runtimes.ts';
import { cases } from './job.cases.ts';

runInBothRuntimes(new URL('./job.cases.ts', import.meta.url), cases);
