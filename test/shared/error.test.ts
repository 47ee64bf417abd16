import { runInBothRuntimes } from './both-runtimes.ts';
import { cases } from './error.cases.ts';

runInBothRuntimes(new URL('./error.cases.ts', import.meta.url), cases);
