import { runInBothRuntimes } from '../both-runtimes.ts';
import { cases } from './compact.cases.ts';

runInBothRuntimes(new URL('./compact.cases.ts', import.meta.url), cases);
