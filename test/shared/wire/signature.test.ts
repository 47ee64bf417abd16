import { runInBothRuntimes } from '../both-runtimes.ts';
import { cases } from './signature.cases.ts';

runInBothRuntimes(new URL('./signature.cases.ts', import.meta.url), cases);
