import { runInBothRuntimes } from '../both-runtimes.ts';
import { cases } from './frame.cases.ts';

runInBothRuntimes(new URL('./frame.cases.ts', import.meta.url), cases);
