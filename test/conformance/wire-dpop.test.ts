import { runInBothRuntimes } from '../shared/both-runtimes.ts';
import { cases } from './wire-dpop.cases.ts';

runInBothRuntimes(new URL('./wire-dpop.cases.ts', import.meta.url), cases);
