import { runInBothRuntimes } from './both-runtimes.ts';
import { cases } from './dpop.cases.ts';

runInBothRuntimes(new URL('./dpop.cases.ts', import.meta.url), cases);
